import { judgeStop } from '@flotilla/domain';
import type { StopJudgement } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';
import { readEvidence } from './stop-evidence.js';
import { readStopGateSettings } from './stop-gate.settings.js';

/** Who wants to know. */
export interface StopGateQuestion {
  readonly tenantId: string;
  readonly instanceId: number;
  /** `approved` also stands for what a person may ask before anything is requested. */
  readonly reason: 'policy' | 'approved' | 'asked';
  /** Since when it must have been idle, Unix milliseconds; the tenant's idle time where it is left out, and never less. */
  readonly idleSinceMs?: number | null;
  /** Activity in percent that counts as none; the tenant's threshold where it is left out. */
  readonly belowPercent?: number | null;
  /** The action that is to be carried out: it does not stand in its own way. */
  readonly actionId?: string | null;
  /** What a policy says in words: machines that work are stopped, too (`judgeStop` says what that waives). */
  readonly evenBusy?: boolean;
  /** What runs on it is stopped and not the machine; the machine where it is left out. */
  readonly workload?: boolean;
  /** Losses that a person accepted by the names of their checks. */
  readonly accept?: readonly string[];
}

/** The answer with the moment for which it holds. */
export interface StopGateAnswer extends StopJudgement {
  readonly judgedAt: Date;
  /** What was looked at. */
  readonly window: { readonly from: Date; readonly to: Date };
  readonly belowPercent: number;
}

/** Stands before every automatic and every approved stop. */
export class StopGate {
  /**
   * Looks at everything that is known of an instance now and judges it. It decides nothing: who asks acts upon it, in the
   * same transaction.
   *
   * @returns undefined when there is no such instance
   */
  static async judge(tx: ReadTx, question: StopGateQuestion): Promise<StopGateAnswer | undefined> {
    const read = await readEvidence(tx, question);
    if (!read) return undefined;
    const { evidence, belowPercent } = read;
    const settings = await readStopGateSettings(tx, question.tenantId);
    const { evenBusy = false, workload = false, accept = [] } = question;
    const judgement = judgeStop(evidence, { settings, belowPercent, evenBusy, workload, accept });
    return {
      ...judgement,
      judgedAt: new Date(evidence.atMs),
      window: { from: new Date(evidence.window.fromMs), to: new Date(evidence.window.toMs) },
      belowPercent,
    };
  }
}

/** As it is stored with an action and shown. */
export function gateOnWire(answer: StopGateAnswer) {
  return {
    judged_at: answer.judgedAt.toISOString(),
    allowed: answer.allowed,
    class: answer.class,
    evidence: [...answer.evidence],
    window: { from: answer.window.from.toISOString(), to: answer.window.to.toISOString() },
    below_percent: answer.belowPercent,
    checks: answer.checks.map((check) => ({ ...check })),
  };
}
