import type { Cancel, Clock } from '../clock.js';
import type { ActionOffer } from '../executors/executor.js';
import type { ActionRunner } from '../executors/action-runner.js';
import { verbOf } from '../executors/verb.js';
import { failpoint } from '../failpoint.js';
import type { InventoryBook } from '../inventory-book.js';
import type { Log } from '../log.js';
import type { ServerClock } from '../minute/server-clock.js';
import { backoffMs } from '../session/backoff.js';
import type { Rejections } from '../session/rejections.js';
import type { Spool } from '../spool/spool.js';
import { knownProcess, momentMs, toSyncBody } from './elements.js';
import type { RecordAt, SyncBody } from './elements.js';
import { gpuElements } from './gpu-elements.js';
import { postJson } from './http.js';
import type { HttpAnswer } from './http.js';
import { resultElement } from './result-element.js';

export interface SyncOptions {
  /** The control plane's HTTP address. */
  readonly url: string;
  readonly apiKey: string;
  readonly spool: Spool;
  readonly runner: ActionRunner;
  readonly inventory: InventoryBook;
  readonly rejections: Pick<Rejections, 'note'>;
  readonly clock: Clock;
  readonly serverClock: ServerClock;
  readonly random: () => number;
  readonly log: Log;
  /** Told how it went: empty when the control plane took everything. */
  readonly onReached: (trouble: string) => void;
}

const DEFAULT_WAIT_MS = 30_000;
/** While something is carried out, its lease has to be renewed. */
const RENEW_LEASE_MS = 20_000;
/** Minutes in one body: a minute of a GPU at 1 Hz is 60 elements of some 400 bytes, the body's limit is 16 MiB. */
const MOST_ENTRIES = 256;
/** The instance is told again this often, changed or not. */
const INSTANCE_EVERY_MS = 3_600_000;

interface Call {
  readonly url: URL;
  readonly body: unknown;
}

/** The same spool and the same actions as over the stream, by POST /sync, for networks that let only HTTP out. */
export class SyncSession {
  private timer: Cancel | null = null;
  private running: Promise<void> | null = null;
  private again = false;
  private stopped = true;
  private failures = 0;
  private mostEntries = MOST_ENTRIES;
  private told = { hash: '', atMs: 0 };
  /** People's words on GPUs that were taken and not confirmed yet. */
  private cleared: number[] = [];

  constructor(private readonly options: SyncOptions) {}

  start(): void {
    this.stopped = false;
    this.soon(0);
  }

  /** Tells once more what there is to tell, for at most so long; what is not acknowledged then is sent after a restart. */
  async stop(lastWordsMs = 0): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    this.timer?.();
    if (lastWordsMs === 0) return void (await this.running);
    const last = async () => {
      await this.running;
      await this.deliverResults();
      await this.sync();
    };
    const late = new Promise<void>((resolve) => void this.options.clock.after(lastWordsMs, resolve));
    await Promise.race([last().catch(() => {}), late]);
  }

  /** Closed minutes go with the next round; nothing is to be hurried. */
  spoolChanged(): void {}

  /** The outcome of an action does not wait for the next round. */
  resultReady(): void {
    this.soon(0);
  }

  private soon(delayMs: number): void {
    if (this.stopped) return;
    this.timer?.();
    this.timer = this.options.clock.after(delayMs, () => {
      if (this.running) {
        this.again = true;
        return;
      }
      this.running = this.round().finally(() => (this.running = null));
    });
  }

  private async round(): Promise<void> {
    let waitMs: number;
    try {
      await this.deliverResults();
      waitMs = await this.sync();
      this.failures = 0;
      this.options.onReached('');
    } catch (error) {
      this.failures += 1;
      const trouble = (error as Error).message;
      waitMs = Math.max(error instanceof SyncError ? error.waitMs : 0, backoffMs(this.failures, this.options.random()));
      this.options.onReached(trouble);
      this.options.log.warn({ retry_in_ms: waitMs }, trouble);
    }
    if (this.again) waitMs = 0;
    this.again = false;
    this.soon(waitMs);
  }

  /** Sends until the spool is empty. @returns milliseconds until the next round */
  private async sync(): Promise<number> {
    const { spool, inventory, clock } = this.options;
    for (;;) {
      const instance = inventory.instanceFacts;
      const made = inventory.current();
      // nothing can be told before it is known whose it is
      if (!instance || !made) return 1_000;
      const { epoch } = spool;
      const run = spool.read(1, { maxEntries: this.mostEntries, maxBytes: 2 << 20 });
      const { body, recordAt } = toSyncBody(run?.entries ?? [], instance.instance_id, (uuid) =>
        inventory.indexOf(uuid),
      );
      const now = clock.monotonicMs();
      const tell = this.told.hash !== made.hash || now - this.told.atMs > INSTANCE_EVERY_MS;
      if (tell) body.instances.push({ ...instance, gpus: gpuElements(made.inventory) });
      failpoint('before-batch-send');
      const answer = await this.post({
        url: this.at('/api/v1/sync'),
        body: {
          ...body,
          controls: this.controlsFor(instance.instance_id),
          running_actions: this.runningActions,
          ...(this.cleared.length > 0 && { cleared_health: this.cleared }),
        },
      });
      if (answer.status === 413 && this.mostEntries > 1) {
        this.mostEntries = Math.ceil(this.mostEntries / 2);
        continue;
      }
      const data = dataOf(answer);
      if (tell) this.told = { hash: made.hash, atMs: now };
      this.reportRejected(data, body, recordAt);
      if (run) spool.ack(epoch, run.firstSeq + run.entries.length - 1);
      for (const action of listOf(data['actions'])) this.offer(action);
      this.cleared = listOf(data['clear_health']).map((clear) => this.clearHealth(clear));
      const more = run !== null && run.entries.length >= this.mostEntries;
      if (more) continue;
      const waitMs = 1000 * (Number(data['next_sync_seconds']) || DEFAULT_WAIT_MS / 1000);
      return this.options.runner.running.length > 0 ? Math.min(waitMs, RENEW_LEASE_MS) : waitMs;
    }
  }

  private async deliverResults(): Promise<void> {
    const results = this.options.runner.unacknowledged;
    if (results.length === 0) return;
    const answer = await this.post({
      url: this.at('/api/v1/sync/action-results'),
      body: { results: results.map(resultElement) },
    });
    const refusedIds = new Set(listOf(dataOf(answer)['rejected']).map(({ index }) => results[Number(index)]?.actionId));
    for (const { actionId } of results) {
      if (refusedIds.has(actionId))
        this.options.log.warn({ action_id: actionId }, 'the outcome of an action was rejected');
      this.options.runner.acknowledged(actionId);
    }
  }

  private offer(action: Record<string, unknown>): void {
    const precondition = (action['precondition'] ?? {}) as Record<string, unknown>;
    const offer: ActionOffer = {
      actionId: String(action['action_id']),
      fence: Number(action['fence'] ?? 0),
      ...verbOf(String(action['verb'])),
      instanceId: String(action['instance_id'] ?? ''),
      controlKind: String(action['control_kind'] ?? ''),
      argumentsJson: JSON.stringify(action['arguments'] ?? {}),
      expiresAtMs: momentMs(action['expires_at']),
      force: precondition['force'] === true,
      idleSinceMs: momentMs(precondition['idle_since']),
      idleBelowPercent: Number(precondition['idle_below_percent'] ?? 0),
      generation: Number(precondition['generation'] ?? 0),
      knownProcesses: Array.isArray(precondition['known_processes'])
        ? listOf(precondition['known_processes']).map(knownProcess)
        : null,
    };
    this.options.runner.offer(offer);
  }

  private clearHealth({ id, gpu_uuid, requested_by }: Record<string, unknown>): number {
    this.options.inventory.judge?.clear(String(gpu_uuid), String(requested_by));
    return Number(id);
  }

  /** An API key has no host of its own: `self` is told by its name. */
  private controlsFor(own: string): object[] {
    return this.options.runner.controls.map(({ kind, verbs, instanceIds, scope, level }) => ({
      kind,
      verbs,
      instance_ids: instanceIds.map((id) => (id === 'self' ? own : id)),
      scope,
      level,
    }));
  }

  /** Names what is under way, which keeps its lease. */
  private get runningActions(): object[] {
    return this.options.runner.running.map((id) => ({ action_id: id, fence: this.options.runner.fenceOf(id) }));
  }

  /** Records that were refused go to whoever made them; of everything else the log says what it was. */
  private reportRejected(data: Record<string, unknown>, body: SyncBody, recordAt: RecordAt): void {
    for (const section of Object.keys(body)) {
      const outcome = (data[section] ?? {}) as Record<string, unknown>;
      const whole = typeof outcome['error'] === 'string' ? outcome['error'] : null;
      const refused =
        whole === null
          ? listOf(outcome['rejected']).map(({ index, error }) => ({ index: Number(index), error: String(error) }))
          : (body[section] ?? []).map((_, index) => ({ index, error: whole }));
      const others = refused.filter(({ index, error }) => {
        const record = recordAt(section, index);
        if (record) this.options.rejections.note(record, error);
        return !record;
      });
      if (others[0]) {
        const fields = { section, rejected: others.length };
        this.options.log.warn(fields, `the control plane did not take everything: ${others[0].error}`);
      }
    }
  }

  private async post({ url, body }: Call): Promise<HttpAnswer> {
    const { apiKey, clock, serverClock } = this.options;
    const before = clock.monotonicMs();
    let answer: HttpAnswer;
    try {
      answer = await postJson(url, apiKey, body);
    } catch (error) {
      throw new SyncError(`the control plane cannot be reached: ${(error as Error).message}`, 0);
    }
    if (answer.serverMs !== null) {
      const roundTrip = clock.monotonicMs() - before;
      // the header is cut to whole seconds: a smaller difference says nothing
      if (Math.abs(answer.serverMs + 500 - serverClock.nowMs()) > 1_500)
        serverClock.set(answer.serverMs + 500, roundTrip);
    }
    return answer;
  }

  private at(path: string): URL {
    const url = new URL(this.options.url);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
    return url;
  }
}

class SyncError extends Error {
  constructor(
    message: string,
    readonly waitMs: number,
  ) {
    super(message);
  }
}

/** @throws SyncError unless the answer is a success */
function dataOf({ status, body, retryAfterS }: HttpAnswer): Record<string, unknown> {
  const envelope = (body ?? {}) as { success?: unknown; data?: unknown; error?: unknown };
  if (status >= 200 && status < 300 && envelope.success === true)
    return (envelope.data ?? {}) as Record<string, unknown>;
  const said = typeof envelope.error === 'string' ? `: ${envelope.error}` : '';
  if (status === 401 || status === 403) {
    throw new SyncError(`the control plane refuses this API key${said}. It needs the scope agent`, 60_000);
  }
  const what = status === 429 ? 'asks for patience' : `answered with HTTP status ${status}`;
  throw new SyncError(`the control plane ${what}${said}`, (retryAfterS ?? 0) * 1000);
}

const listOf = (value: unknown) => (Array.isArray(value) ? value : []) as Record<string, unknown>[];
