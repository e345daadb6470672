import type { Cancel, Clock } from '../../clock.js';
import { nameFailure, firstLine, HUNG, type Failure } from './failures.js';
import { acceptedColumns, chooseColumns, parseFieldList, type Column } from './fields.js';
import { isDeadRow } from './reading.js';
import { RoundReader } from './rounds.js';
import type { Row } from './rows.js';
import type { Tool, ToolAnswer } from './tool.js';

export interface LoopObserver {
  row(row: Row): void;
  round(rows: readonly Row[]): void;
  stray(line: string): void;
  /** Rows flow; `oneShot`: by single calls, because the loop mode of this driver gives errors. */
  running(oneShot: boolean): void;
  failed(failure: Failure): void;
}

/** Reading every GPU for the first time takes 10 s and more on hosts with eight of them and no persistence mode. */
const FIRST_ROW_MS = 60_000;
const CALL_MS = 30_000;
const MAX_BYTES = 4 * 1024 * 1024;
/** How long a killed process may take before it counts as held by the kernel. */
const DEATH_MS = 10_000;
const STABLE_MS = 60_000;
const BACK_OFF_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000];
const UNAVAILABLE_MS = 60_000;
const ONE_SHOT_TRIAL_MS = 600_000;

/**
 * Keeps one `nvidia-smi --query-gpu … -lms` running and its rows coming: finds the driver's columns, watches for
 * silence, starts again with growing pauses, and falls back to single calls where only the loop mode is broken.
 */
export class LoopReader {
  private columns: Column[] = [];
  private child: { kill: () => void } | null = null;
  private generation = 0;
  private attempts = 0;
  private startedMs = 0;
  private rowsSeen = false;
  private strayTail = '';
  private deadRounds = 0;
  private lastTrialMs = Number.NEGATIVE_INFINITY;
  private stopped = false;
  private watch: Cancel = () => {};
  private next: Cancel = () => {};

  constructor(
    private readonly tool: Tool,
    private readonly clock: Clock,
    private readonly observer: LoopObserver,
    private intervalMs: number,
  ) {}

  start(): void {
    void this.begin();
  }

  stop(): void {
    this.stopped = true;
    this.abandon();
  }

  /** Reads at another interval from now on. */
  setInterval(intervalMs: number): void {
    if (intervalMs === this.intervalMs) return;
    this.intervalMs = intervalMs;
    this.restart();
  }

  /** Starts again with fresh columns: the driver changed. */
  restart(): void {
    if (this.stopped) return;
    this.abandon();
    this.attempts = 0;
    this.whenDead(() => void this.begin());
  }

  /** Leaves the current process to its end; nothing that it still says is heard. */
  private abandon(): void {
    this.generation += 1;
    this.watch();
    this.next();
    this.child?.kill();
    this.child = null;
  }

  private async begin(): Promise<void> {
    const mine = ++this.generation;
    if (this.stopped) return;
    if (this.tool.stuck) return this.whenDead(() => void this.begin());
    const help = await this.tool.run(['--help-query-gpu'], { timeoutMs: CALL_MS, maxBytes: MAX_BYTES });
    if (mine !== this.generation) return;
    if (help.failure?.condition === 'unavailable') return this.retry(help.failure);
    this.columns = chooseColumns(parseFieldList(help.output));
    this.loop();
  }

  private loop(): void {
    const mine = this.generation;
    if (this.tool.stuck) return this.retry(HUNG);
    this.startedMs = this.clock.monotonicMs();
    this.rowsSeen = false;
    this.strayTail = '';
    this.deadRounds = 0;
    const reader = this.reader(mine);
    const args = [...this.query(), '-lms', String(Math.round(this.intervalMs))];
    this.child = this.tool.loop(args, {
      data: (chunk) => {
        if (mine === this.generation) reader.push(chunk);
      },
      ended: (ending) => {
        if (mine !== this.generation) return;
        this.child = null;
        this.watch();
        reader.end();
        void this.after(ending);
      },
    });
    this.arm(FIRST_ROW_MS);
  }

  private reader(mine: number): RoundReader {
    return new RoundReader(this.columns, {
      row: (row) => {
        this.arm(Math.max(3 * this.intervalMs, 5_000));
        this.strayTail = '';
        this.observer.row(row);
        if (!this.rowsSeen) this.observer.running(false);
        this.rowsSeen = true;
      },
      stray: (line) => {
        this.strayTail = `${this.strayTail}${line}\n`.slice(-2_048);
        this.observer.stray(line);
      },
      round: (rows) => {
        this.observer.round(rows);
        const dead = rows.every(isDeadRow);
        this.deadRounds = dead ? this.deadRounds + 1 : 0;
        if (this.deadRounds >= 2 && mine === this.generation) void this.tryOneShot();
      },
    });
  }

  /** The loop ended: mend the query, or say why and try again later. */
  private async after(ending: ToolAnswer): Promise<void> {
    const mine = this.generation;
    const failure = ending.failure ?? endedByItself(ending.output);
    if (failure.name === 'field_refused') {
      const accepted = await acceptedColumns(this.columns, async (columns) => {
        const answer = await this.tool.run(this.query(columns), { timeoutMs: CALL_MS, maxBytes: MAX_BYTES });
        // Only a refusal takes a column away: a driver that fails otherwise says nothing about its fields.
        return { accepted: answer.failure?.name !== 'field_refused', output: answer.output };
      });
      if (mine !== this.generation) return;
      if (accepted.some((c) => c.name === 'index') && accepted.length < this.columns.length) {
        this.columns = accepted;
        return this.loop();
      }
    }
    if (this.rowsSeen && this.clock.monotonicMs() - this.startedMs > STABLE_MS) this.attempts = 0;
    this.retry(failure);
  }

  private retry(failure: Failure): void {
    if (this.stopped) return;
    this.observer.failed(failure);
    const pause = BACK_OFF_MS[Math.min(this.attempts, BACK_OFF_MS.length - 1)] as number;
    this.attempts += 1;
    this.next();
    this.next = this.clock.after(failure.condition === 'unavailable' ? UNAVAILABLE_MS : pause, () => void this.begin());
  }

  private arm(ms: number): void {
    this.watch();
    this.watch = this.clock.after(ms, () => this.stale(ms));
  }

  /** No row for too long: say so, kill, and begin again only when the process is really gone. */
  private stale(ms: number): void {
    const named = this.strayTail === '' ? null : nameFailure({ code: null, output: this.strayTail });
    const failure: Failure =
      named && named.name !== 'ended'
        ? named
        : this.strayTail !== ''
          ? unreadable(this.strayTail)
          : { ...HUNG, message: `nvidia-smi printed no row for ${ms / 1000} s and was stopped; it is started again.` };
    this.abandon();
    this.observer.failed(failure);
    this.whenDead(() => this.retry(failure));
  }

  /** Goes on when the killed process is gone, however long that takes; says so when it takes too long. */
  private whenDead(goOn: () => void, waitedMs = 0): void {
    this.next();
    if (!this.tool.stuck) return goOn();
    if (waitedMs === DEATH_MS) this.observer.failed(HUNG);
    const step = waitedMs < DEATH_MS ? 200 : 5_000;
    this.next = this.clock.after(step, () => this.whenDead(goOn, waitedMs + step));
  }

  /** All GPUs answer errors in the loop. If a single call gets numbers, the loop mode is what is broken. */
  private async tryOneShot(): Promise<void> {
    const now = this.clock.monotonicMs();
    if (now - this.lastTrialMs < ONE_SHOT_TRIAL_MS) return;
    this.lastTrialMs = now;
    const mine = this.generation;
    const answer = await this.tool.run(this.query(), { timeoutMs: CALL_MS, maxBytes: MAX_BYTES });
    if (mine !== this.generation || answer.failure) return;
    const rows: Row[] = [];
    const reader = new RoundReader(this.columns, { row: (r) => rows.push(r), stray: () => {}, round: () => {} });
    reader.push(answer.output);
    reader.end();
    if (!rows.some((row) => !isDeadRow(row))) return;
    this.abandon();
    this.observer.running(true);
    this.takeOneShot(answer.output);
    this.whenDead(() => this.scheduleOneShot(now));
  }

  private takeOneShot(output: string): void {
    const reader = new RoundReader(this.columns, this.observer);
    reader.push(output);
    reader.end();
  }

  private scheduleOneShot(lastMs: number): void {
    const mine = this.generation;
    const due = Math.max(0, lastMs + this.intervalMs - this.clock.monotonicMs());
    this.next = this.clock.after(due, () => {
      const startedMs = this.clock.monotonicMs();
      void this.tool.run(this.query(), { timeoutMs: CALL_MS, maxBytes: MAX_BYTES }).then((answer) => {
        if (mine !== this.generation) return;
        if (answer.failure) return this.retry(answer.failure);
        this.takeOneShot(answer.output);
        this.scheduleOneShot(startedMs);
      });
    });
  }

  private query(columns: readonly Column[] = this.columns): string[] {
    return [`--query-gpu=${columns.map((c) => c.asked).join(',')}`, '--format=csv,noheader,nounits'];
  }
}

const endedByItself = (output: string): Failure => ({
  name: 'ended',
  condition: 'failed',
  message: `nvidia-smi ended although it was to go on${firstLine(output) ? `; its last words: ${lastLine(output)}` : ''}.`,
});

const lastLine = (output: string): string => firstLine(output.trim().split('\n').at(-1) ?? '');

const unreadable = (text: string): Failure => ({
  name: 'unreadable',
  condition: 'failed',
  message: `nvidia-smi prints something that is no table of GPUs: ${firstLine(text)}`,
});
