import type { Cancel, Clock } from '../../clock.js';
import type { Leftover } from '../nvidia-smi/leftover.js';
import { NvmlChildProcess } from './child-process.js';
import { ended, failureOf, HUNG, notStarted, silent, unreadable, type Failure } from './failures.js';
import type { Program } from './program.js';
import type { FromChild } from './protocol.js';

export interface NvmlObserver {
  /** Everything that the child says but its failures. */
  message(message: Exclude<FromChild, { t: 'failed' }>): void;
  /** Nothing is read now; it is tried again by itself. */
  failed(failure: Failure): void;
}

export interface NvmlReaderOptions {
  readonly program: Program;
  readonly library: string;
  readonly clock: Clock;
  readonly leftover: Leftover;
  readonly observer: NvmlObserver;
}

/** To initialise NVML on a host with eight GPUs and no persistence mode takes 10 s and more. */
const FIRST_ROUND_MS = 60_000;
/** A slow reading in between may take some seconds on such a host. */
const SHORTEST_PATIENCE_MS = 5_000;
/** How long a killed process may take before it counts as held by the kernel. */
const DEATH_MS = 10_000;
const STABLE_MS = 60_000;
const BACK_OFF_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000];
const UNAVAILABLE_MS = 60_000;

/**
 * Keeps one process that calls NVML, and its readings coming: watches for silence, kills what is silent, and begins again
 * with growing pauses, never while a process that was killed still lives.
 */
export class NvmlReader {
  private child: NvmlChildProcess | null = null;
  /** Killed and not gone yet. */
  private readonly dying = new Set<NvmlChildProcess>();
  private attempts = 0;
  private startedMs = 0;
  private roundsSeen = false;
  private stopped = false;
  private watch: Cancel = () => {};
  private next: Cancel = () => {};
  private readonly onExit = () => this.child?.kill();

  constructor(
    private readonly options: NvmlReaderOptions,
    private intervalMs: number,
  ) {}

  start(): void {
    process.on('exit', this.onExit);
    this.whenDead(() => this.begin());
  }

  /** Kills the process and waits until it is gone, at most `waitMs`. */
  async stop(waitMs: number): Promise<void> {
    this.stopped = true;
    process.off('exit', this.onExit);
    this.abandon();
    const { clock } = this.options;
    const until = clock.monotonicMs() + waitMs;
    while ([...this.dying].some((child) => child.alive) && clock.monotonicMs() < until) {
      await new Promise<void>((resolve) => clock.after(10, resolve));
    }
  }

  setInterval(intervalMs: number): void {
    if (intervalMs === this.intervalMs) return;
    this.intervalMs = intervalMs;
    this.child?.say(`interval ${Math.round(intervalMs)}`);
    if (this.roundsSeen && this.child) this.arm(this.patienceMs);
  }

  /** A slow reading with the next round. */
  wishDetail(): void {
    this.child?.say('detail');
  }

  private get patienceMs(): number {
    return Math.max(3 * this.intervalMs, SHORTEST_PATIENCE_MS);
  }

  private get stuck(): boolean {
    for (const child of this.dying) if (!child.alive) this.dying.delete(child);
    return this.dying.size > 0 || this.options.leftover.alive;
  }

  private begin(): void {
    if (this.stopped) return;
    const { program, library, clock, leftover, observer } = this.options;
    let failure: Failure | null = null;
    let renew = false;
    this.startedMs = clock.monotonicMs();
    this.roundsSeen = false;
    const child: NvmlChildProcess = new NvmlChildProcess(
      program,
      library,
      this.intervalMs,
      {
        message: (message) => {
          if (child !== this.child) return;
          if (message.t === 'failed') {
            renew = message.reason === 'renew';
            failure = failureOf(message.reason, message.code, message.words, library);
            return;
          }
          if (message.t === 'round') {
            this.roundsSeen = true;
            this.arm(this.patienceMs);
          }
          observer.message(message);
        },
        unreadable: (why) => {
          failure = unreadable(why);
        },
        gone: (code, signal, said, error) => {
          if (child !== this.child) return;
          this.child = null;
          this.watch();
          if (this.roundsSeen && clock.monotonicMs() - this.startedMs > STABLE_MS) this.attempts = 0;
          if (renew) this.whenDead(() => this.begin());
          else this.retry(failure ?? (error ? notStarted(error.code ?? error.message) : ended(code, signal, said)));
        },
      },
      leftover,
    );
    this.child = child;
    this.arm(FIRST_ROUND_MS);
  }

  private retry(failure: Failure): void {
    if (this.stopped) return;
    this.options.observer.failed(failure);
    const pause = BACK_OFF_MS[Math.min(this.attempts, BACK_OFF_MS.length - 1)] as number;
    this.attempts += 1;
    const wait = failure.condition === 'unavailable' ? UNAVAILABLE_MS : pause;
    this.next();
    this.next = this.options.clock.after(wait, () => this.whenDead(() => this.begin()));
  }

  private arm(ms: number): void {
    this.watch();
    this.watch = this.options.clock.after(ms, () => {
      const failure = silent(ms);
      this.abandon();
      this.options.observer.failed(failure);
      this.whenDead(() => this.retry(failure));
    });
  }

  /** Kills the process; nothing that it still says is heard. */
  private abandon(): void {
    this.watch();
    this.next();
    const { child } = this;
    this.child = null;
    if (!child) return;
    this.dying.add(child);
    child.kill();
  }

  /** Goes on when the killed process is gone, however long that takes; says so when it takes too long. */
  private whenDead(goOn: () => void, waitedMs = 0): void {
    this.next();
    if (this.stopped) return;
    if (!this.stuck) return goOn();
    if (waitedMs === DEATH_MS) this.options.observer.failed(HUNG);
    const step = waitedMs < DEATH_MS ? 200 : 5_000;
    this.next = this.options.clock.after(step, () => this.whenDead(goOn, waitedMs + step));
  }
}
