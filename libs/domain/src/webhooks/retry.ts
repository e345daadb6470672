const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Waits before the second, third, … attempt: about a day all together. */
const WAITS_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  8 * HOUR_MS,
  8 * HOUR_MS,
];

/** Attempts of one delivery, the first included. */
export const WEBHOOK_ATTEMPTS = WAITS_MS.length + 1;
/** A webhook that took nothing for this long, in at least so many attempts, is disabled. */
export const WEBHOOK_DISABLE_AFTER_MS = 24 * HOUR_MS;
export const WEBHOOK_DISABLE_AFTER_FAILURES = 20;

/**
 * How long a delivery waits for its next attempt; null: it is given up.
 *
 * @param attempts that were made, at least 1
 * @param random from 0 to 1: what failed together does not come back together
 * @param retryAfterMs what the receiver asked for; longer than ours is followed, shorter is not
 */
export function webhookRetryMs(attempts: number, random: number, retryAfterMs: number | null): number | null {
  const wait = WAITS_MS[attempts - 1];
  return wait === undefined ? null : Math.max(wait * (0.8 + random * 0.4), retryAfterMs ?? 0);
}

/**
 * How long nothing at all is sent to a receiver that just failed: it is asked once, not by everything that waits.
 *
 * @param failures in a row, over all deliveries
 */
export function webhookPauseMs(failures: number, random: number, retryAfterMs: number | null): number {
  const pause = failures < 3 ? 0 : Math.min(5 * MINUTE_MS, SECOND_MS * 2 ** Math.min(20, failures - 3));
  return Math.max(pause * (0.8 + random * 0.4), retryAfterMs ?? 0);
}

/** Whether a webhook that fails is disabled. */
export function isWebhookDead(failures: number, failingForMs: number): boolean {
  return failures >= WEBHOOK_DISABLE_AFTER_FAILURES && failingForMs >= WEBHOOK_DISABLE_AFTER_MS;
}
