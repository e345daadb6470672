import { Metadata, status } from '@grpc/grpc-js';
import type { StatusObject } from '@grpc/grpc-js';

/** What a call ends with when it is the caller's doing, or must be told to the caller: the message is for a person. */
export class CallError extends Error {
  constructor(
    readonly code: status,
    message: string,
    /** When trying again may help; milliseconds. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/** What the network layer needs: nothing but a CallError's own words ever leaves the server. */
export function toStatus(error: unknown): StatusObject {
  const metadata = new Metadata();
  if (!(error instanceof CallError)) {
    if (isAway(error))
      return { code: status.UNAVAILABLE, details: 'the control plane cannot reach its database', metadata };
    return { code: status.INTERNAL, details: 'the control plane failed; its log says why', metadata };
  }
  if (error.retryAfterMs !== undefined) {
    metadata.set('grpc-retry-pushback-ms', String(Math.ceil(error.retryAfterMs)));
  }
  return { code: error.code, details: error.message, metadata };
}

/** PostgreSQL classes 08 (connection), 53 (resources), 57P (shutdown), and what the driver and the network say. */
export function isAway(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && /^(08|53|57P|ECONN|ENOENT|EPIPE|ETIMEDOUT)/.test(code)) return true;
  return typeof message === 'string' && /timeout exceeded when trying to connect|Connection terminated/i.test(message);
}
