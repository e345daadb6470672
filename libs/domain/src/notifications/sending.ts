/** What is not through after this long is given up; milliseconds. Standard Webhooks tries for about as long. */
export const GIVE_UP_AFTER_MS = 3 * 86_400_000;
/** No other side may make us wait longer than this; milliseconds. */
export const LONGEST_RETRY_AFTER_MS = 86_400_000;

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 1_800_000;

/**
 * How long to wait before another attempt: 2 s, 4 s, 8 s and so on, at most half an hour, drawn from half to the whole of
 * it so that what failed together does not come back together.
 *
 * @param failures in a row, at least 1
 * @param random from 0 to 1
 */
export function retryWaitMs(failures: number, random: number): number {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(20, Math.max(0, failures - 1)));
  return wait * (0.5 + random / 2);
}

/** What may be sent now under a limit, and up to when the limit is used then. */
export interface Pace {
  readonly allowed: number;
  readonly usedUntilMs: number;
}

/**
 * A limit per minute that lets a tenth of a minute's worth out at once, and the rest evenly (the generic cell rate
 * algorithm: one timestamp is all its memory).
 *
 * @param usedUntilMs what the last call returned; null: never used
 * @param wanted how many there are to send
 */
export function pace(perMinute: number, usedUntilMs: number | null, nowMs: number, wanted: number): Pace {
  const eachMs = 60_000 / perMinute;
  const burst = Math.max(1, Math.floor(perMinute / 10));
  const from = Math.max(usedUntilMs ?? nowMs, nowMs);
  const allowed = Math.max(0, Math.min(wanted, Math.floor((nowMs + burst * eachMs - from) / eachMs + 1e-9)));
  return { allowed, usedUntilMs: from + allowed * eachMs };
}

/** What an HTTP status says of a message: told, worth another attempt, or never to be taken by this receiver. */
export function verdictOfStatus(status: number): 'delivered' | 'retry' | 'dead' {
  if (status >= 200 && status < 300) return 'delivered';
  return status >= 500 || status === 408 || status === 425 || status === 429 ? 'retry' : 'dead';
}

/**
 * Retry-After in milliseconds; null where there is none that can be read (RFC 9110: seconds, or a date).
 *
 * @param nowMs for dates; one that has passed is 0
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  const wait = /^\d{1,9}(\.\d{1,3})?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(wait) ? null : Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, wait));
}
