import type { Clock } from '../clock.js';

/**
 * The host's clock corrected by the control plane's.
 *
 * Each Welcome sets an anchor; from then on time runs by the monotonic clock, so that a host clock that jumps in the
 * middle of a session moves no sample. Before the first Welcome the host's own clock is all there is.
 */
export class ServerClock {
  private anchor: { serverMs: number; monotonicMs: number } | null = null;

  constructor(private readonly clock: Clock) {}

  /** @param roundTripMs from sending Hello to receiving Welcome: half of it is how old `serverMs` is */
  set(serverMs: number, roundTripMs: number): void {
    const age = Math.min(Math.max(roundTripMs, 0) / 2, 5_000);
    this.anchor = { serverMs: serverMs + age, monotonicMs: this.clock.monotonicMs() };
  }

  /** Unix milliseconds, corrected. */
  nowMs(): number {
    if (!this.anchor) return this.clock.nowMs();
    return this.anchor.serverMs + (this.clock.monotonicMs() - this.anchor.monotonicMs);
  }

  /** Milliseconds that the host's clock is ahead of the control plane's; 0 while nobody knows. */
  skewMs(): number {
    return this.anchor ? this.clock.nowMs() - this.nowMs() : 0;
  }

  /**
   * Turns a reading of the host's clock, made just now or a moment ago, into corrected time. A reading from the future
   * or older than a minute means that the clock jumped since: it was made just now then.
   */
  correct(hostMs: number): number {
    const age = this.clock.nowMs() - hostMs;
    return this.nowMs() - (age >= 0 && age <= 60_000 ? age : 0);
  }
}
