/** The clock of a client: injectable, so that its patience can be tested without waiting. */
export interface Patience {
  /** Keeps no process alive. @throws when the signal is aborted meanwhile */
  pause(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 to 1, for jitter. */
  random(): number;
}

export const realPatience: Patience = {
  pause: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new Error('given up, its time is over'));
      const onAbort = () => {
        clearTimeout(timer);
        reject(new Error('given up, its time is over'));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms).unref();
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
  random: Math.random,
};

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
  readonly tries: number;
}

/** How long to wait before try `n` + 1 (n from 1): exponential with full jitter, at least what the far end asked for. */
export function backoffMs({ firstMs, maxMs }: Backoff, n: number, random: number, askedMs = 0): number {
  return Math.max(askedMs, random * Math.min(maxMs, firstMs * 2 ** (n - 1)));
}

/** Retry-After in milliseconds: seconds or a date; 0 when there is none that can be read. */
export function retryAfterMs(header: string | undefined, nowMs: number): number {
  if (header === undefined) return 0;
  if (/^\d{1,6}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? 0 : Math.max(0, at - nowMs);
}
