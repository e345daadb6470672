import { advance, capOutput, decideSettlement } from '@flotilla/domain';
import type { ActionOutcome, Settlement } from '@flotilla/domain';
import type { WriteTx } from '@flotilla/persistence';
import { applyVerifiedState } from './action-effects.js';
import { actionsStore } from './actions.store.js';
import type { ActionRow, Mover } from './actions.store.js';

/** Stores what a host says became of an action: the result, the steps it causes, and the state it proves. */
export async function settleAction(
  tx: WriteTx,
  action: ActionRow,
  fence: number,
  outcome: ActionOutcome,
  mover: Mover,
): Promise<Settlement['kind']> {
  const decision = decideSettlement(
    {
      status: action.status,
      verb: action.verb,
      level: action.level,
      ownHost: action.own_host,
      controlKind: action.control_kind,
      fence: action.fence,
      hasResult: action.result_at !== null,
      resultOutcome: action.result_outcome,
      dryRun: action.dry_run,
    },
    { fence, outcome: outcome.outcome, message: outcome.message, observedState: outcome.observedState },
  );
  const note = decision.note.slice(0, 2000);
  if (decision.kind === 'repeat') return decision.kind;
  if (decision.kind === 'remark') {
    await actionsStore.step(tx, action, action.status, mover, note);
    return decision.kind;
  }
  let status = action.status;
  const last = decision.path.length - 1;
  for (const [i, next] of decision.path.entries()) {
    const set = i === last ? resultColumns(outcome, decision.state !== null) : undefined;
    await actionsStore.step(tx, { ...action, status }, advance(status, next), mover, i === last ? note : null, set);
    status = next;
  }
  if (decision.kind === 'keep') {
    await actionsStore.step(tx, action, action.status, mover, note, resultColumns(outcome, decision.state !== null));
  }
  if (decision.state) await applyVerifiedState(tx, action, decision.state);
  await tx.record(
    'action.settled',
    { type: 'action', id: action.id },
    { status, outcome: outcome.outcome, exit_code: outcome.exitCode, observed_state: decision.state, message: note },
  );
  return decision.kind;
}

function resultColumns(outcome: ActionOutcome, verified: boolean) {
  const { output, truncated } = capOutput(outcome.output);
  const observed = outcome.observedState === 'running' || outcome.observedState === 'stopped';
  return {
    sql: `result_outcome = $9, result_at = clock_timestamp(), result_message = $10, exit_code = $11, output = $12,
      output_truncated = $13, observed_state = $14, verified = $15, host_started_at = $16, host_finished_at = $17,
      lease_until = NULL, query_after = NULL`,
    values: [
      outcome.outcome,
      outcome.message.replaceAll('\0', '').slice(0, 2000),
      outcome.exitCode,
      output,
      outcome.outputTruncated || truncated,
      observed ? outcome.observedState : null,
      verified,
      moment(outcome.startedAtMs),
      moment(outcome.finishedAtMs),
    ],
  };
}

/** A host's clock may say anything; what is no sensible time is not known. */
function moment(atMs: number | null): Date | null {
  return atMs !== null && Number.isFinite(atMs) && atMs > 0 && atMs < 4e12 ? new Date(atMs) : null;
}
