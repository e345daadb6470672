import type { Cancel, Clock } from '../../clock.js';
import type { Failure } from './failures.js';
import type { GpuInventory } from '../gpu/shape.js';
import { parseMigList, withMigList } from './mig-list.js';
import { parseNvlinks, withLinkState, withNvlinks, type GpuLinks } from './nvlink-list.js';
import type { Tool } from './tool.js';
import { mayCarryVgpus, parseVgpus, withVgpus } from './vgpu-list.js';

export interface SnapshotObserver {
  snapshot(inventory: GpuInventory): void;
  snapshotFailed(failure: Failure): void;
}

const EVERY_MS = 60_000;
/** A cold run on a host with eight GPUs takes 6 s; in trouble much more. */
const TIMEOUT_MS = 45_000;
const NOT_BEFORE_MS = 10_000;
/** Boards do not grow links while they run: a host without any is asked again only now and then. */
const NO_LINKS_FOR_MS = 3_600_000;
/** Three calls, a dozen milliseconds of CPU each: less often than the snapshot. */
const LINKS_EVERY_MS = 300_000;

/** Takes `nvidia-smi -q -x` once a minute, and soon after something changed. */
export class SnapshotReader {
  private timer: Cancel = () => {};
  private running = false;
  private stopped = false;
  private lastMs = Number.NEGATIVE_INFINITY;
  private links: { readonly gpus: ReadonlyMap<string, GpuLinks>; readonly atMs: number } | null = null;
  private noLinksSinceMs = Number.NEGATIVE_INFINITY;

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
    // Loaded when there is a GPU to read: a host without one need not keep what reads it.
    const { MAX_SNAPSHOT_BYTES, parseSnapshot, SnapshotError } = await import('./snapshot.js');
    try {
      const answer = await this.tool.run(['-q', '-x'], { timeoutMs: TIMEOUT_MS, maxBytes: MAX_SNAPSHOT_BYTES });
      if (this.stopped) return;
      if (answer.failure) return this.observer.snapshotFailed(answer.failure);
      const whole = await this.completed(parseSnapshot(answer.output));
      if (!this.stopped) this.observer.snapshot(whole);
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      const message = `nvidia-smi -q -x gave an answer that cannot be read: ${error.message}`;
      this.observer.snapshotFailed({ name: 'unreadable', condition: 'degraded', message });
    } finally {
      this.running = false;
      this.schedule(EVERY_MS);
    }
  }
  /** Adds what the document leaves out, where this host has it at all: MIG uuids and profiles, NVLinks, virtual GPUs. */
  private async completed(inventory: GpuInventory): Promise<GpuInventory> {
    let whole = inventory;
    if (whole.gpus.some((gpu) => gpu.mig.some((mig) => mig.uuid === undefined || mig.profile === undefined))) {
      whole = withMigList(whole, parseMigList(await this.ask(['-L'])));
    }
    if (mayCarryVgpus(whole)) whole = withVgpus(whole, parseVgpus(await this.ask(['vgpu', '-q'])));
    return this.withLinks(whole);
  }

  private async withLinks(inventory: GpuInventory): Promise<GpuInventory> {
    const nowMs = this.clock.monotonicMs();
    if (nowMs - this.noLinksSinceMs < NO_LINKS_FOR_MS) return inventory;
    if (this.links && nowMs - this.links.atMs < LINKS_EVERY_MS) return withLinkState(inventory, this.links.gpus);
    const state = await this.ask(['nvlink', '-s']);
    if (![...parseNvlinks(state).values()].some(({ links }) => links.length > 0)) {
      // a driver that did not answer said nothing about links
      if (state !== '') this.noLinksSinceMs = nowMs;
      return inventory;
    }
    const counted = [state, await this.ask(['nvlink', '-e']), await this.ask(['nvlink', '-gt', 'd'])].join('\n');
    const before = this.links;
    this.links = { gpus: parseNvlinks(counted), atMs: this.clock.monotonicMs() };
    const elapsedMs = before ? this.links.atMs - before.atMs : 0;
    return withNvlinks(inventory, this.links.gpus, before?.gpus ?? new Map(), elapsedMs);
  }

  /** A further call whose failure costs only what it would have told. */
  private async ask(args: readonly string[]): Promise<string> {
    if (this.stopped) return '';
    const answer = await this.tool.run(args, { timeoutMs: TIMEOUT_MS, maxBytes: 1 << 20 });
    return answer.failure ? '' : answer.output;
  }
}
