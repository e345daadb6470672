import { activityChecks } from './activity-checks.js';
import type { StopEvidence } from './evidence.js';
import { factChecks } from './fact-checks.js';
import { classifyMachine } from './machine-class.js';
import type { Classified } from './machine-class.js';
import { atLeastFloor, DEFAULT_STOP_GATE } from './settings.js';
import type { StopGateSettings } from './settings.js';

export const STOP_CHECKS = [
  'state',
  'protection',
  'open_action',
  'maintenance',
  'recent_start',
  'coverage',
  'activity',
  'processes',
  'model_server',
  'jobs',
  'local_disks',
  'auto_scaling',
  'spot',
  'commitment',
] as const;
export type StopCheck = (typeof STOP_CHECKS)[number];

export interface CheckResult {
  readonly check: StopCheck;
  readonly verdict: 'pass' | 'refuse' | 'unknown';
  /** One sentence for a person. */
  readonly reason: string;
  /** It stands in the way of an automatic or approved stop. */
  readonly blocks: boolean;
}

export interface StopJudgement extends Classified {
  readonly allowed: boolean;
  readonly checks: readonly CheckResult[];
}

export interface StopQuestionAsked {
  readonly settings?: StopGateSettings;
  /** Activity in percent that counts as none; a value at it is activity. */
  readonly belowPercent?: number;
  /**
   * The stop is meant for machines that work, too (a budget guard, an unhealthy GPU), as somebody decided in words: what
   * speaks of idleness is then told and does not block. Everything else does.
   */
  readonly evenBusy?: boolean;
  /** What is stopped runs on the machine, which itself stays on: nothing that is lost with its power is asked. */
  readonly workload?: boolean;
  /** Losses that a person accepted by name; only `ACCEPTABLE_CHECKS` can be. */
  readonly accept?: readonly string[];
}

/**
 * Losses that an unforced stop by a person is refused for: a person may know better whether a machine is idle, and hosts
 * ask that themselves, but nobody sees an erased disk or a killed job coming.
 */
export const HARM_CHECKS: readonly StopCheck[] = ['local_disks', 'auto_scaling', 'jobs'];

/** What a person may accept by name. Protection, other actions, maintenance and idleness are not among them. */
export const ACCEPTABLE_CHECKS = [
  'recent_start',
  'model_server',
  'jobs',
  'local_disks',
  'auto_scaling',
  'spot',
  'commitment',
] as const satisfies readonly StopCheck[];

/** What only happens when the machine itself goes off. */
const OF_POWER: readonly StopCheck[] = ['local_disks', 'auto_scaling', 'spot', 'commitment'];
const OF_IDLENESS: readonly StopCheck[] = ['coverage', 'activity', 'processes', 'model_server'];
/** What nobody knows of these refuses an automatic stop; of the others an unknown is told and does not block. */
const UNKNOWN_BLOCKS: readonly StopCheck[] = ['state', 'coverage', 'activity', 'processes', 'jobs', 'local_disks'];

/**
 * Whether an instance may be stopped by a policy, or by a person whose stop was approved. Every check is answered, also
 * after one refused, so that a person sees all that stands against it at once.
 */
export function judgeStop(evidence: StopEvidence, asked: StopQuestionAsked = {}): StopJudgement {
  const settings = atLeastFloor(asked.settings ?? DEFAULT_STOP_GATE);
  const belowPercent = asked.belowPercent ?? 5;
  const classified = classifyMachine(evidence, belowPercent);
  const found = [...factChecks(evidence, settings), ...activityChecks(evidence, classified, settings, belowPercent)];
  const checks = STOP_CHECKS.map((check): CheckResult => {
    if (asked.workload === true && OF_POWER.includes(check)) {
      return {
        check,
        verdict: 'pass',
        reason: 'Only what runs on it is stopped; the machine stays on.',
        blocks: false,
      };
    }
    const { verdict, reason, harmless } = found.find((one) => one.check === check)!;
    const stands = verdict === 'refuse' || (verdict === 'unknown' && UNKNOWN_BLOCKS.includes(check));
    const accepted = isAcceptable(check) && asked.accept?.includes(check) === true;
    const waived = harmless === true || accepted || (asked.evenBusy === true && OF_IDLENESS.includes(check));
    return { check, verdict, reason, blocks: stands && !waived };
  });
  return { ...classified, allowed: checks.every(({ blocks }) => !blocks), checks };
}

const isAcceptable = (check: StopCheck): boolean => (ACCEPTABLE_CHECKS as readonly StopCheck[]).includes(check);

/** Why not, in one sentence; null: it may. */
export function whyNotAllowed({ checks }: Pick<StopJudgement, 'checks'>): string | null {
  const against = checks.filter(({ blocks }) => blocks);
  return against.length === 0 ? null : against.map(({ reason }) => reason).join(' ');
}
