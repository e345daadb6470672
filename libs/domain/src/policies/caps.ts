import { shareOf } from './targets.js';

export const CAP_PER_RUN_PERCENT_DEFAULT = 25;
export const CAP_PER_DAY_PERCENT_DEFAULT = 50;

export interface BlastRadius {
  /** Running instances, and those that policies stopped within the day: so a fleet that shrinks does not shrink its caps. */
  readonly fleet: number;
  /** Different instances that policies started or stopped within the last 24 hours. */
  readonly touchedToday: number;
  readonly capPerRunPercent: number;
  readonly capPerDayPercent: number;
}

/** What a run may still touch; each cap is at least one instance. */
export interface Allowance {
  readonly run: number;
  readonly day: number;
}

/** How many instances a run may start or stop. @param of counts of instances, percent above 0 to 100 */
export function allowance(of: BlastRadius): Allowance {
  return {
    run: Math.max(1, shareOf(of.fleet, of.capPerRunPercent)),
    day: Math.max(0, Math.max(1, shareOf(of.fleet, of.capPerDayPercent)) - of.touchedToday),
  };
}

/** The sentence for the history when a cap ends a run. */
export function capSentence(which: keyof Allowance, of: BlastRadius): string {
  const { fleet, touchedToday } = of;
  const cap = which === 'run' ? of.capPerRunPercent : of.capPerDayPercent;
  const count = Math.max(1, shareOf(fleet, cap));
  return which === 'run'
    ? `One run may touch ${cap} % of ${fleet} instances, that is ${count}: the others wait for the next run. Raise cap_per_run_percent if that is too few.`
    : `Policies may touch ${cap} % of ${fleet} instances in 24 hours, that is ${count}, and ${touchedToday} were touched. Raise cap_per_day_percent if that is too few.`;
}
