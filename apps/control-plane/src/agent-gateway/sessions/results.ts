import type { ActionResult, AgentMessage } from '@flotilla/contracts/agent';
import type { ActionOutcome, AgentRef } from '@flotilla/domain';
import type { ActionDispatch } from '../../actions/index.js';
import type { GpuHealthService } from '../../instances/index.js';
import { cleanText } from '../grpc/text.js';

const OUTPUT_MAX = 65_536;
const OUTCOMES = ['succeeded', 'failed', 'refused', 'unknown'] as const;
const OBSERVED = ['running', 'stopped', 'unverified'] as const;
const QUERY_STATES = ['never_accepted', 'running', 'done'] as const;

interface Answering {
  readonly agent: AgentRef;
  cancelOffer(actionId: string): void;
  resultAck(actionId: string): void;
}

export interface AnswerDeps {
  readonly actions: Pick<ActionDispatch, 'accepted' | 'settle' | 'answerQuery'>;
  readonly health: Pick<GpuHealthService, 'taken'>;
}

/** Carries what an agent says about what it was told to where it is awaited, and confirms it after COMMIT. */
export async function answerMessage(
  { actions, health }: AnswerDeps,
  session: Answering,
  message: AgentMessage,
): Promise<void> {
  const { agent } = session;
  if (message.actionAccepted) {
    const { actionId, fence } = message.actionAccepted;
    if (!(await actions.accepted(agent, actionId, fence))) session.cancelOffer(actionId);
  } else if (message.actionResult) {
    const { actionId, fence } = message.actionResult;
    await actions.settle(agent, actionId, fence, outcomeOf(message.actionResult));
    session.resultAck(actionId);
  } else if (message.queryAnswer) {
    const { actionId, result } = message.queryAnswer;
    const state = QUERY_STATES.find((one) => one === message.queryAnswer?.state);
    if (!state) return;
    await actions.answerQuery(agent, {
      actionId,
      state,
      result: state === 'done' && result ? { ...outcomeOf(result), fence: result.fence } : null,
    });
    if (state === 'done') session.resultAck(actionId);
  } else if (message.healthCleared) await health.taken(agent, [message.healthCleared.clearId]);
}

/** An outcome that this version does not know is not known to have succeeded. */
export function outcomeOf(result: ActionResult): ActionOutcome {
  const time = (ms: number) => (ms > 0 && ms < 4_102_444_800_000 ? ms : null);
  return {
    outcome: OUTCOMES.find((one) => one === result.outcome) ?? 'unknown',
    message: cleanText(result.message, 2_000) ?? '',
    exitCode: result.exitCode ?? null,
    // NUL cannot be stored; the rest of what a command printed is kept as it is
    output: result.output.replaceAll('\u0000', '').slice(0, OUTPUT_MAX),
    outputTruncated: result.outputTruncated || result.output.length > OUTPUT_MAX,
    startedAtMs: time(result.startedAtMs),
    finishedAtMs: time(result.finishedAtMs),
    observedState: OBSERVED.find((one) => one === result.observedState) ?? null,
  };
}
