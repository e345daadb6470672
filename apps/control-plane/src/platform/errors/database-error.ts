import { AppError } from './app-error.js';

/** Node's codes of a connection that could not be made or broke. ENOENT: the socket of a stopped PostgreSQL. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** PostgreSQL: shutting down, crashed, starting, too many connections, read-only standby, statement cancelled by its time limit. */
const UNAVAILABLE = new Set(['57P01', '57P02', '57P03', '53300', '53400', '25006', '57014', '25P03']);
/** Serialization failure and deadlock: the same request works when it is sent again. */
const CONTENDED = new Set(['40001', '40P01', '55P03']);
const LOST =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Cannot use a pool after|Driver not Connected|not currently accepting connections|database .*unavailable/i;

interface Thrown {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly driverError?: unknown;
  readonly syscall?: unknown;
  readonly errors?: readonly unknown[];
}

/** What an error of the database means for the caller; undefined when the error is something else. */
export function databaseError(error: unknown): AppError | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const thrown = error as Thrown;
  const code = typeof thrown.code === 'string' ? thrown.code : '';
  const message = typeof thrown.message === 'string' ? thrown.message : '';
  const isConnect = NETWORK.has(code) && (code !== 'ENOENT' || thrown.syscall === 'connect');
  if (isConnect || UNAVAILABLE.has(code) || code.startsWith('08') || LOST.test(message)) {
    return new AppError(
      'SERVICE_UNAVAILABLE',
      'The database cannot be reached just now. Repeat the request in a moment.',
      undefined,
      5,
    );
  }
  if (CONTENDED.has(code)) {
    return new AppError(
      'SERVICE_UNAVAILABLE',
      'Another request changed the same data at the same moment. Repeat the request.',
      undefined,
      1,
    );
  }
  if (code === '23505') {
    return new AppError(
      'CONFLICT',
      'Something with the same identity exists already. Look it up and change it instead.',
    );
  }
  if (thrown.driverError && thrown.driverError !== error) return databaseError(thrown.driverError);
  for (const inner of thrown.errors ?? []) {
    const meaning = databaseError(inner);
    if (meaning) return meaning;
  }
  return undefined;
}
