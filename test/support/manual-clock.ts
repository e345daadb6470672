import type { Clock } from '../../apps/agent/src/clock.js';

/** A clock whose hands the test turns: nothing happens between two `advance`s. */
export class ManualClock implements Clock {
  private timers: { dueMs: number; run: () => void; periodMs: number | null }[] = [];

  constructor(
    private wallMs = Date.UTC(2026, 0, 1),
    private monoMs = 0,
  ) {}

  nowMs = (): number => this.wallMs;
  monotonicMs = (): number => this.monoMs;
  after = (delayMs: number, run: () => void) => this.add(delayMs, run, null);
  every = (periodMs: number, run: () => void) => this.add(periodMs, run, periodMs);

  /** Somebody sets the wall clock; no time passes. */
  jump(ms: number): void {
    this.wallMs += ms;
  }

  /** Turns the hands and runs what falls due, in order, letting promises settle after each. */
  async advance(ms: number): Promise<void> {
    const end = this.monoMs + ms;
    for (;;) {
      await settle();
      const due = this.timers.filter((t) => t.dueMs <= end).sort((a, b) => a.dueMs - b.dueMs)[0];
      if (!due) break;
      this.wallMs += due.dueMs - this.monoMs;
      this.monoMs = due.dueMs;
      if (due.periodMs === null) this.timers = this.timers.filter((t) => t !== due);
      else due.dueMs += due.periodMs;
      due.run();
    }
    this.wallMs += end - this.monoMs;
    this.monoMs = end;
    await settle();
  }

  private add(delayMs: number, run: () => void, periodMs: number | null): () => void {
    const timer = { dueMs: this.monoMs + delayMs, run, periodMs };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((t) => t !== timer);
    };
  }
}

/** Lets everything that waits for a settled promise run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}
