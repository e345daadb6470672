import type { Result } from '../executors/action-runner.js';

/** The outcome of an action as POST /sync/action-results takes it. */
export function resultElement({ actionId, fence, outcome }: Result): object {
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    action_id: actionId,
    fence,
    outcome: outcome.outcome,
    message: outcome.message,
    ...(outcome.exitCode === null ? {} : { exit_code: outcome.exitCode }),
    output: outcome.output,
    output_truncated: outcome.outputTruncated,
    ...(outcome.startedAtMs === null ? {} : { started_at: iso(outcome.startedAtMs) }),
    ...(outcome.finishedAtMs === null ? {} : { finished_at: iso(outcome.finishedAtMs) }),
    ...(outcome.observedState === null ? {} : { observed_state: outcome.observedState }),
  };
}
