import type { ControlMessageInput } from '@flotilla/contracts/agent';

/** What every agent is told by default: to keep its own settings. */
export const DEFAULT_CONFIG = { hash: 'default', intervalS: 0, liveIntervalS: 0 };

/** Above this part of the memory for what is not stored yet, the backlog counts as over its bound. */
const OVER = 0.75;
/** Below this part it is calm again. */
const CALM = 0.25;
const SLOWEST = 8;
/** Seconds between two samples that no agent is asked to exceed: a minute of it still has a sample. */
const LONGEST_S = 60;

/** Decides how much more rarely the agents shall read while the database does not keep up with them. */
export class SlowDown {
  private factor = 1;
  private sinceMs: number | null = null;

  /** @param afterMs how long the backlog has to stay over its bound, and calm again, before the next step */
  constructor(private readonly afterMs: number) {}

  /**
   * @param pressure the part of the memory for what is not stored yet that is taken, 0 to 1 and above
   * @returns 1 (as configured), 2, 4 or 8 times more rarely
   */
  look(pressure: number, nowMs: number): number {
    const over = pressure >= OVER && this.factor < SLOWEST;
    const calm = pressure < CALM && this.factor > 1;
    if (!over && !calm) this.sinceMs = null;
    else {
      this.sinceMs ??= nowMs;
      if (nowMs - this.sinceMs >= this.afterMs) {
        this.factor = over ? this.factor * 2 : 1;
        this.sinceMs = null;
      }
    }
    return this.factor;
  }
}

/** How often one agent reads, as far as this control plane has a say. */
export class Pace {
  private factor = 1;
  private intervalS = 0;

  constructor(private readonly send: (message: ControlMessageInput) => void) {}

  /** @param intervalS seconds between two samples, as the agent said in its hello */
  opened(intervalS: number): void {
    this.intervalS = intervalS > 0 ? intervalS : 5;
  }

  /** Tells the agent when it is to read more rarely, or as it is configured again. Does nothing before the stream is open. */
  keep(factor: number): void {
    if (this.intervalS === 0 || factor === this.factor) return;
    this.factor = factor;
    if (factor === 1) this.send({ config: DEFAULT_CONFIG });
    else this.send({ slow: { intervalS: Math.max(this.intervalS, Math.min(LONGEST_S, this.intervalS * factor)) } });
  }
}
