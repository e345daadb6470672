/** Stops a timer; safe to call twice. */
export type Cancel = () => void;

/**
 * Time as the agent sees it, injectable so that tests turn the hands themselves.
 *
 * `nowMs` is the host's wall clock and may jump; durations are measured with `monotonicMs`. Nobody but the minute book
 * corrects timestamps by the server's clock.
 */
export interface Clock {
  /** Unix milliseconds of the host's wall clock, uncorrected. */
  nowMs(): number;
  /** Milliseconds since some fixed point; never goes back. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`. The timer never keeps the process alive. */
  after(delayMs: number, run: () => void): Cancel;
  /** Calls `run` every `periodMs`, first after one period. The timer never keeps the process alive. */
  every(periodMs: number, run: () => void): Cancel;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  },
  every(periodMs, run) {
    const timer = setInterval(run, periodMs).unref();
    return () => clearInterval(timer);
  },
};
