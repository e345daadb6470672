import { ERROR_STATUS } from '@flotilla/contracts';
import type { ErrorCode } from '@flotilla/contracts';

/** Which field was wrong, what came, what would be right; rooms may add facts in wire names. Secrets never. */
export interface ErrorDetails {
  readonly field?: string;
  readonly value?: unknown;
  readonly expected?: unknown;
  readonly [fact: string]: unknown;
}

/**
 * What the caller can do something about. Anything else that is thrown is a bug and answers 500.
 *
 * @example throw new AppError('CONFLICT', 'The action is already running; cancel it first.', { field: 'status', value: 'running' })
 */
export class AppError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details?: ErrorDetails,
    /** For RATE_LIMIT and SERVICE_UNAVAILABLE: after how many seconds a repeat makes sense. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
    this.name = 'AppError';
  }
}

/**
 * The HTTP status that an error travels under. Not a property of the error: body-parser writes a `status` of its own on
 * whatever its hooks throw.
 */
export function statusOf(error: AppError): number {
  return ERROR_STATUS[error.code];
}

/** The one answer for what does not exist and for what belongs to somebody else. */
export function notFound(what: string, id: string | number): AppError {
  return new AppError('NOT_FOUND', `There is no ${what} with the id ${String(id).slice(0, 300)}.`, {
    field: 'id',
    value: String(id).slice(0, 300),
  });
}

/**
 * Refuses a change of what somebody else changed since it was read.
 *
 * @param field of the request, which says when what was read had been changed last; undefined: nobody asks
 * @param stored when it was changed last: a column of type timestamptz as it was read
 * @throws AppError CONFLICT
 */
export function assertUnchanged(what: string, field: string, asRead: string | undefined, stored: unknown): void {
  const changed = new Date(stored as Date | string);
  if (asRead === undefined || new Date(asRead).getTime() === changed.getTime()) return;
  throw new AppError('CONFLICT', `Somebody changed this ${what} since it was read. Read it again, then change it.`, {
    field,
    value: asRead,
    expected: changed.toISOString(),
  });
}
