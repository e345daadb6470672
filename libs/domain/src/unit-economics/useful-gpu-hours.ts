import Big from 'big.js';

/** One day of one instance, in GPU-hours: measurements, so plain numbers. */
export interface GpuDay {
  /** GPUs × hours in which the instance was running. */
  readonly held: number;
  /** Of the measured hours: those of clock hours whose mean activity was at or above the idle threshold. */
  readonly busy: number;
  /** Of the measured hours: the others. */
  readonly idle: number;
  /** Measured hours × SM activity, or × utilisation where SM activity is not measured. */
  readonly useful: number;
  /** Of the measured hours: those measured by SM activity. */
  readonly bySmActivity: number;
}

/** What one instance used and cost in a window. */
export interface InstanceUse {
  readonly days: readonly GpuDay[];
  /** Decimals, in one currency; none: nobody said what it costs. */
  readonly costs: readonly string[];
}

/** Which measurement tells how useful the hours were. */
export type UsefulEvidence = 'sm_activity' | 'gpu_utilization' | 'both';

/** Why there is no cost per useful GPU-hour. */
export type NoUsefulCost = 'no_cost' | 'no_gpu_hours' | 'not_measured' | 'no_useful_hours';

/** Hours and money of one or many instances. Hours are GPU-hours; money is decimal, in one currency. */
export interface UsefulGpuHours {
  readonly held: number;
  readonly busy: number;
  readonly idle: number;
  /** Held and not measured: neither useful nor idle. held = busy + idle + unknown. */
  readonly unknown: number;
  readonly useful: number;
  /** Of the hours held: those of instances that nobody gave a cost of. */
  readonly withoutCost: number;
  /** Measured ÷ held, 0 to 1; null: nothing was held. */
  readonly coverage: number | null;
  /** Useful ÷ measured, 0 to 1; null: nothing was measured. */
  readonly usefulShare: number | null;
  /** null: nothing was measured. */
  readonly evidence: UsefulEvidence | null;
  /** null: no instance has a cost. */
  readonly cost: string | null;
  /** Of the cost: what useful hours, measured hours that were not useful, and hours that nobody measured came to. */
  readonly usefulCost: string | null;
  readonly wasteCost: string | null;
  readonly unknownCost: string | null;
  /** What the idle hours came to. */
  readonly idleCost: string | null;
  readonly costPerGpuHour: string | null;
  readonly costPerUsefulGpuHour: string | null;
  readonly reason: NoUsefulCost | null;
}

const ZERO = new Big(0);
/** Digits after the point of what was divided. Sums and products keep them all. */
const DIVISION_DIGITS = 12;

/**
 * What the useful hours of GPUs cost: cost ÷ (GPU-hours × activity).
 *
 * Hours without samples are not zeros: their share of the cost is told apart as `unknownCost` and is in no ratio, so that
 * an agent that was silent makes GPUs neither dear nor idle. An instance that nobody priced is in the hours and in no
 * ratio. Hours that were measured while the instance was not said to be running were held all the same.
 *
 * The cost of an instance is spread evenly over the GPU-hours that it was held. Cost without any hour (a disk of a stopped
 * machine) is in `cost` alone.
 */
export function usefulGpuHours(instances: readonly InstanceUse[]): UsefulGpuHours {
  const hours = { held: 0, busy: 0, idle: 0, useful: 0, sm: 0, withoutCost: 0, pricedHeld: 0, pricedUseful: 0 };
  const money = { cost: ZERO, spread: ZERO, useful: ZERO, waste: ZERO, unknown: ZERO, idle: ZERO };
  let hasCost = false;
  for (const instance of instances) {
    const own = sumDays(instance.days);
    hours.held += own.held;
    hours.busy += own.busy;
    hours.idle += own.idle;
    hours.useful += own.useful;
    hours.sm += own.bySmActivity;
    if (instance.costs.length === 0) {
      hours.withoutCost += own.held;
      continue;
    }
    hasCost = true;
    const cost = instance.costs.reduce((sum, amount) => sum.plus(amount), ZERO);
    money.cost = money.cost.plus(cost);
    if (own.held === 0) continue;
    hours.pricedHeld += own.held;
    hours.pricedUseful += own.useful;
    const part = (gpuHours: number) => cost.times(gpuHours).div(own.held);
    const useful = part(own.useful);
    const idle = part(own.idle);
    const unknown = part(own.held - own.busy - own.idle);
    money.spread = money.spread.plus(cost);
    money.useful = money.useful.plus(useful);
    money.idle = money.idle.plus(idle);
    money.unknown = money.unknown.plus(unknown);
    // the rest and not a division of its own: the parts come to the whole exactly
    money.waste = money.waste.plus(cost.minus(useful).minus(unknown));
  }
  const measured = hours.busy + hours.idle;
  const told = (amount: Big) => (hasCost ? rounded(amount) : null);
  const reason = whyNot(hasCost, hours, measured);
  return {
    held: hours.held,
    busy: hours.busy,
    idle: hours.idle,
    unknown: hours.held - measured,
    useful: hours.useful,
    withoutCost: hours.withoutCost,
    coverage: hours.held > 0 ? measured / hours.held : null,
    usefulShare: measured > 0 ? hours.useful / measured : null,
    evidence: evidenceOf(hours.sm, measured),
    cost: hasCost ? money.cost.toFixed() : null,
    usefulCost: told(money.useful),
    wasteCost: told(money.waste),
    unknownCost: told(money.unknown),
    idleCost: told(money.idle),
    costPerGpuHour: hours.pricedHeld > 0 ? rounded(money.spread.div(hours.pricedHeld)) : null,
    costPerUsefulGpuHour: reason === null ? rounded(money.useful.plus(money.waste).div(hours.pricedUseful)) : null,
    reason,
  };
}

function sumDays(days: readonly GpuDay[]): GpuDay {
  const sum = { held: 0, busy: 0, idle: 0, useful: 0, bySmActivity: 0 };
  for (const day of days) {
    sum.held += Math.max(day.held, day.busy + day.idle);
    sum.busy += day.busy;
    sum.idle += day.idle;
    sum.useful += day.useful;
    sum.bySmActivity += day.bySmActivity;
  }
  return sum;
}

/** The last digits of sums of measured hours are noise: less than a second of one GPU is none. */
const A_SECOND_HOURS = 1 / 3_600;

function evidenceOf(bySmActivity: number, measured: number): UsefulEvidence | null {
  if (measured <= 0) return null;
  if (bySmActivity <= 0) return 'gpu_utilization';
  return measured - bySmActivity < A_SECOND_HOURS ? 'sm_activity' : 'both';
}

function whyNot(
  hasCost: boolean,
  hours: { readonly held: number; readonly pricedHeld: number; readonly pricedUseful: number },
  measured: number,
): NoUsefulCost | null {
  if (hours.held <= 0) return 'no_gpu_hours';
  if (!hasCost || hours.pricedHeld <= 0) return 'no_cost';
  if (measured <= 0) return 'not_measured';
  return hours.pricedUseful > 0 ? null : 'no_useful_hours';
}

function rounded(amount: Big): string {
  return new Big(amount.toFixed(DIVISION_DIGITS)).toFixed();
}
