import { join } from 'node:path';
import type { ActionOutcome, Control, KnownProcess } from '@flotilla/domain';
import type { Clock } from '../clock.js';
import { failpoint } from '../failpoint.js';
import type { Log } from '../log.js';
import type { IdleAnswer } from '../minute/activity.js';
import type { ActionJournal } from './action-journal.js';
import type { ActionRecord, ActionState } from './action-state.js';
import { carryOut, rehearse } from './carry-out.js';
import type { Deed } from './carry-out.js';
import type { ActionOffer, Executor } from './executor.js';
import { OutputFile } from './output.js';
import { refused } from './outcomes.js';
import { CANCELLED } from './preconditions.js';
import { reconcile } from './reconcile.js';
import { makeDeed } from './make-deed.js';
import { lookAgainLater } from './second-look.js';
import { kernelBootId } from './process-table.js';

/** An outcome on its way to the control plane. */
export interface Result {
  readonly actionId: string;
  readonly fence: number;
  readonly outcome: ActionOutcome;
}

export type QueryReply =
  | { readonly state: 'never_accepted' }
  | { readonly state: 'running' }
  | { readonly state: 'done'; readonly result: Result };

export interface ActionRunnerOptions {
  /** null: it cannot be written, so nothing may be accepted. */
  readonly journal: ActionJournal | null;
  /** For the output of commands. */
  readonly folder: string;
  /** Usually given later, by `use`. */
  readonly executors?: readonly Executor[];
  /** The provider id of this host: an offer that names it means `self`. */
  readonly ownInstanceId: string;
  /** What this host was called before its cloud said its name: an order may have been given in between. */
  readonly formerInstanceId?: string;
  readonly clock: Clock;
  /** Unix milliseconds, corrected. */
  readonly nowMs: () => number;
  readonly idleSince: (sinceMs: number, belowPercent: number) => IdleAnswer;
  /** Processes that compute on this host's GPUs now; null: nobody can tell. */
  readonly gpuProcesses: () => Promise<readonly KnownProcess[] | null>;
  readonly log: Log;
}

/**
 * Takes offers, carries each out once, one at a time per instance, and remembers how it ended.
 *
 * Once means: the journal says `accepted` before anything is promised and `starting` before anything is done; what was
 * starting when the agent died is never started again, only looked for and looked at.
 */
export class ActionRunner {
  /** Told when an action was accepted (again) and when it ended; the session sends it on. */
  onAccepted: (actionId: string, fence: number) => void = () => {};
  onResult: (result: Result) => void = () => {};
  private readonly queues = new Map<string, Promise<void>>();
  /** Results of offers that could not be journalled: refused, so nothing was done. */
  private readonly unjournalled = new Map<string, Result>();
  private executors: readonly Executor[];

  constructor(private readonly options: ActionRunnerOptions) {
    this.executors = options.executors ?? [];
  }

  /** What it acts by; to be given before `recover` and before the first offer. */
  use(executors: readonly Executor[]): void {
    this.executors = executors;
  }

  /** Takes up what an earlier run left without an outcome. */
  recover(): void {
    for (const [id, state] of this.options.journal?.all ?? []) {
      if (state.outcome?.outcome === 'unknown') this.lookAgain(id);
      if (state.outcome) continue;
      this.options.log.info({ action_id: id }, 'an action was under way when the agent ended; looking how it stands');
      this.enqueue(id, state);
    }
  }

  get controls(): Control[] {
    return this.executors.map((executor) => executor.control);
  }

  offer(asked: ActionOffer): void {
    const { ownInstanceId, formerInstanceId } = this.options;
    const isSelf = ['', 'self', ownInstanceId, formerInstanceId].includes(asked.instanceId);
    const offer = isSelf ? { ...asked, instanceId: 'self' } : asked;
    const { actionId: id, fence } = offer;
    const known = this.options.journal?.get(id);
    if (known) {
      if (fence < known.fence) return;
      if (fence > known.fence) this.tryWrite({ t: 'fence', id, fence });
      const result = this.resultOf(id);
      if (result) this.onResult(result);
      else this.onAccepted(id, fence);
      return;
    }
    const no = this.cannotAccept(offer);
    if (no) {
      const result: Result = { actionId: id, fence, outcome: refused(no) };
      this.unjournalled.set(id, result);
      this.onResult(result);
      return;
    }
    failpoint('after-journal-accepted');
    this.options.log.info({ action_id: id, verb: offer.verb }, 'accepted an action');
    this.onAccepted(id, fence);
    const state = this.options.journal?.get(id);
    if (state) this.enqueue(id, state);
  }

  /** The control plane takes an offer back. What has begun goes on and ends by its own outcome. */
  cancel(id: string): void {
    const state = this.options.journal?.get(id);
    if (!state || state.outcome || state.startingAtMs !== null) return;
    this.tryWrite({ t: 'outcome', id, atMs: this.options.nowMs(), outcome: refused(CANCELLED) });
    this.options.log.info({ action_id: id }, 'dropped an action: it was cancelled before it began');
    const result = this.resultOf(id);
    if (result) this.onResult(result);
  }

  query(id: string): QueryReply {
    const result = this.resultOf(id);
    if (result) return { state: 'done', result };
    return this.options.journal?.get(id) ? { state: 'running' } : { state: 'never_accepted' };
  }

  acknowledged(id: string): void {
    this.unjournalled.delete(id);
    const state = this.options.journal?.get(id);
    if (!state?.outcome || state.acked) return;
    this.tryWrite({ t: 'acked', id });
    this.outputOf(id).remove();
  }

  /** Accepted and not ended: their leases are to be renewed. */
  get running(): string[] {
    return [...(this.options.journal?.all ?? [])].filter(([, state]) => !state.outcome).map(([id]) => id);
  }

  /** The newest fence under which an action was offered; 0 when it is not known. */
  fenceOf(id: string): number {
    return this.options.journal?.get(id)?.fence ?? 0;
  }

  /** Ended, and the control plane did not say yet that it knows. */
  get unacknowledged(): Result[] {
    const ended = [...(this.options.journal?.all ?? [])].filter(([, state]) => state.outcome && !state.acked);
    return [...ended.flatMap(([id]) => this.resultOf(id) ?? []), ...this.unjournalled.values()];
  }

  /** Resolves when nothing is under way any more; for tests and for an orderly end. */
  async idle(): Promise<void> {
    while (this.queues.size > 0) await Promise.all(this.queues.values());
  }

  private cannotAccept(offer: ActionOffer): string | null {
    const { journal } = this.options;
    if (!/^[A-Za-z0-9_.-]{1,100}$/.test(offer.actionId)) return 'the action has an id that cannot be a file name';
    if (!journal)
      return 'the action journal of this agent cannot be written, so it could not keep an action from running twice';
    try {
      journal.write({
        t: 'accepted',
        id: offer.actionId,
        atMs: this.options.nowMs(),
        bootId: kernelBootId(),
        offer,
      });
      return null;
    } catch (error) {
      return `the action journal of this agent cannot be written (${messageOf(error)}), so it could not keep an action from running twice`;
    }
  }

  private enqueue(id: string, state: ActionState): void {
    // a dry run waits for nobody and nobody waits for it
    const instance = state.offer.dryRun ? `dry run ${id}` : state.offer.instanceId;
    const before = this.queues.get(instance) ?? Promise.resolve();
    const turn = before
      .then(() => this.run(id, state))
      .catch((error: unknown) => this.options.log.error({ action_id: id, err: error }, 'an action could not be ended'))
      .finally(() => {
        if (this.queues.get(instance) === turn) this.queues.delete(instance);
      });
    this.queues.set(instance, turn);
  }

  private async run(id: string, state: ActionState): Promise<void> {
    if (this.options.journal?.get(id)?.outcome) return;
    const deed = this.deed(id, state);
    let outcome: ActionOutcome;
    try {
      if (state.offer.dryRun) outcome = await rehearse(deed);
      else outcome = state.startingAtMs === null ? await carryOut(deed) : await reconcile(deed);
    } catch (error) {
      outcome = {
        ...refused(''),
        outcome: this.options.journal?.get(id)?.startingAtMs ? 'unknown' : 'failed',
        message: `the agent could not carry it out: ${messageOf(error)}`,
      };
    } finally {
      deed.lease.end();
    }
    // cancelled while it was looked at, before it began: that was its outcome, and it was sent
    if (this.options.journal?.get(id)?.outcome) return;
    failpoint('before-result');
    this.settle(id, state, outcome);
    failpoint('after-result-sent');
    if (outcome.outcome === 'unknown') this.lookAgain(id);
  }

  private settle(id: string, state: ActionState, outcome: ActionOutcome): void {
    this.tryWrite({ t: 'outcome', id, atMs: this.options.nowMs(), outcome });
    this.options.log.info({ action_id: id, outcome: outcome.outcome }, outcome.message);
    this.onResult(this.resultOf(id) ?? { actionId: id, fence: state.fence, outcome });
  }

  /** Nobody knows how it ended: what can be seen of it later is told then. */
  private lookAgain(id: string): void {
    const { clock, journal, nowMs } = this.options;
    const state = journal?.get(id);
    if (!state || state.offer.dryRun) return;
    const { instanceId } = state.offer;
    lookAgainLater(this.deed(id, state), clock, nowMs, {
      isOver: () =>
        journal?.get(id)?.outcome?.outcome !== 'unknown' ||
        // what is seen now would be the work of a later action
        [...journal.all.values()].some(
          (other) =>
            other.offer.instanceId === instanceId && !other.offer.dryRun && other.acceptedAtMs > state.acceptedAtMs,
        ),
      found: (outcome) => this.settle(id, state, outcome),
    });
  }

  private deed(id: string, state: ActionState): Deed {
    return makeDeed(this.options, this.executors, id, state, this.outputOf(id), (record) => this.tryWrite(record));
  }

  private resultOf(id: string): Result | null {
    const state = this.options.journal?.get(id);
    if (state?.outcome) return { actionId: id, fence: state.fence, outcome: state.outcome };
    return this.unjournalled.get(id) ?? null;
  }

  private outputOf(id: string): OutputFile {
    return new OutputFile(join(this.options.folder, `${id}.out`));
  }

  private tryWrite(record: ActionRecord): void {
    try {
      this.options.journal?.write(record);
    } catch (error) {
      // after a crash the action is looked at again, and its outcome found from what is real
      this.options.log.error({ action_id: record.id, err: error }, 'the action journal cannot be written');
      const state = this.options.journal?.get(record.id);
      if (record.t === 'outcome' && state) {
        this.unjournalled.set(record.id, { actionId: record.id, fence: state.fence, outcome: record.outcome });
      }
    }
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
