import type { Cancel, Clock } from '../../clock.js';
import type { Failure } from './failures.js';
import { parseMigList } from './mig-list.js';
import type { Snapshot } from './snapshot.js';
import type { Tool } from './tool.js';

type MigUuids = ReturnType<typeof parseMigList>;

export interface SnapshotObserver {
  snapshot(snapshot: Snapshot, migUuids: MigUuids): void;
  snapshotFailed(failure: Failure): void;
}

const EVERY_MS = 60_000;
/** A cold run on a host with eight GPUs takes 6 s; in trouble much more. */
const TIMEOUT_MS = 45_000;
const NOT_BEFORE_MS = 10_000;

/** Takes `nvidia-smi -q -x` once a minute, and soon after something changed. */
export class SnapshotReader {
  private timer: Cancel = () => {};
  private running = false;
  private stopped = false;
  private lastMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly tool: Tool,
    private readonly clock: Clock,
    private readonly observer: SnapshotObserver,
  ) {}

  stop(): void {
    this.stopped = true;
    this.timer();
  }

  /** Reads soon: after the first rows, after a GPU came or went. Many wishes make one reading. */
  wish(): void {
    const sinceMs = this.clock.monotonicMs() - this.lastMs;
    this.schedule(Math.max(300, NOT_BEFORE_MS - sinceMs));
  }

  private schedule(ms: number): void {
    if (this.stopped || this.running) return;
    this.timer();
    this.timer = this.clock.after(ms, () => void this.read());
  }

  private async read(): Promise<void> {
    this.running = true;
    this.lastMs = this.clock.monotonicMs();
    // Loaded when there is a GPU to read: the XML parser costs several megabytes that a host without one need not pay.
    const { MAX_SNAPSHOT_BYTES, parseSnapshot, SnapshotError } = await import('./snapshot.js');
    try {
      const answer = await this.tool.run(['-q', '-x'], { timeoutMs: TIMEOUT_MS, maxBytes: MAX_SNAPSHOT_BYTES });
      if (this.stopped) return;
      if (answer.failure) return this.observer.snapshotFailed(answer.failure);
      const snapshot = parseSnapshot(answer.output);
      const needsUuids = snapshot.gpus.some((gpu) => gpu.mig.some((mig) => mig.uuid === undefined));
      const list = needsUuids ? await this.tool.run(['-L'], { timeoutMs: TIMEOUT_MS, maxBytes: 1 << 20 }) : null;
      if (!this.stopped) this.observer.snapshot(snapshot, parseMigList(list && !list.failure ? list.output : ''));
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      const message = `nvidia-smi -q -x gave an answer that cannot be read: ${error.message}`;
      this.observer.snapshotFailed({ name: 'unreadable', condition: 'degraded', message });
    } finally {
      this.running = false;
      this.schedule(EVERY_MS);
    }
  }
}
