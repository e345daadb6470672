import { Big } from 'big.js';
import { DAY_MICROS, meterSpans } from '../metering/meter-spans.js';
import type { BillingModel, MeterSpan } from '../metering/meter-spans.js';

const AMOUNT_PLACES = 12;
const HOUR_MICROS = 3_600_000_000;

/** Days for which a stop is given the credit; nobody knows whether a machine that was left on would be on much longer. */
export const SAVINGS_HORIZON_DAYS = 30;
/** Hours that a stop promises where the machine was not stopped often enough to know. */
export const DEFAULT_PROMISE_HOURS = 24;
/** Earlier stops of the machine that are needed to promise what they lasted. */
const ENOUGH_STOPS = 3;

/** What one stop is given the credit for. Times are microseconds since 1970. */
export interface SavingClaim {
  /** When the machine was off. */
  readonly startMicros: number;
  /** No credit from then on, whatever happens: the horizon, or the beginning of the next claim. */
  readonly capMicros: number;
  readonly model: BillingModel;
  /** Part of the machine that is paid whether it runs or not, 0 to 1. */
  readonly committedShare: number;
}

export type SavingEnd = 'started' | 'terminated' | 'horizon';

/** What one UTC day of it comes to. */
export interface SavingDay {
  readonly dayMicros: number;
  readonly currency: string;
  readonly offMicros: number;
  /** Decimal of at most twelve places. */
  readonly amount: string;
}

export interface ObservedSaving {
  readonly days: readonly SavingDay[];
  /** Off at a price that nobody knows: not saved 0, but unknown. */
  readonly unpricedMicros: number;
  /** In between nobody knew whether it was on. */
  readonly unknownMicros: number;
  /** null: it is off still. */
  readonly end: { readonly atMicros: number; readonly reason: SavingEnd } | null;
}

/**
 * What has been saved from the stop until `nowMicros`: price × the time that the machine was off, up to its next start, its
 * end or the cap. A price that changes counts from its change on. Only time that is known to be off counts.
 *
 * The days are partial sums of one running total (as metering has them), so the sum of any partition of the time is the
 * whole to the last digit, and no restart can make it negative.
 *
 * @param spans of the instance, in any order
 */
export function observedSaving(claim: SavingClaim, spans: readonly MeterSpan[], nowMicros: number): ObservedSaving {
  const end = endOf(claim, spans, nowMicros);
  const until = Math.min(end?.atMicros ?? nowMicros, nowMicros);
  if (until <= claim.startMicros) return { days: [], unpricedMicros: 0, unknownMicros: 0, end };
  // what the machine would cost while it is off: metered as if off were on
  const asIfOn = spans.map((span) => ({ ...span, state: asIf(span.state) }));
  const { charges, unpricedMicros, unknownMicros } = meterSpans(asIfOn, 'running', claim.startMicros, until);
  const factor = creditFactor(claim);
  const days = charges.map(({ dayMicros, currency, billedMicros, amount }) => ({
    dayMicros,
    currency,
    offMicros: billedMicros,
    amount: text(new Big(amount).times(factor)),
  }));
  return { days: joined(days), unpricedMicros, unknownMicros, end };
}

const asIf = (state: string): string => (state === 'stopped' ? 'running' : state === 'unknown' ? 'unknown' : 'stopped');

/** An owned machine costs the same on or off, and a commitment is paid either way. */
export function creditFactor({ model, committedShare }: Pick<SavingClaim, 'model' | 'committedShare'>): string {
  if (model === 'always_on') return '0';
  return new Big(1).minus(Math.min(1, Math.max(0, committedShare))).toFixed();
}

function endOf(claim: SavingClaim, spans: readonly MeterSpan[], nowMicros: number): ObservedSaving['end'] {
  const over = [...spans]
    .sort((a, b) => a.sinceMicros - b.sinceMicros)
    .find((span) => (span.untilMicros ?? Infinity) > claim.startMicros && endsIt(span.state));
  const atMicros = over ? Math.max(over.sinceMicros, claim.startMicros) : Infinity;
  if (atMicros < claim.capMicros && atMicros <= nowMicros) {
    return { atMicros, reason: over!.state === 'terminated' ? 'terminated' : 'started' };
  }
  return claim.capMicros <= nowMicros ? { atMicros: claim.capMicros, reason: 'horizon' } : null;
}

const endsIt = (state: string) => state === 'running' || state === 'pending' || state === 'terminated';

/** One row a day and currency, also where the price changed within it. */
function joined(days: readonly SavingDay[]): SavingDay[] {
  const found = new Map<string, SavingDay>();
  for (const day of days) {
    const key = `${day.dayMicros} ${day.currency}`;
    const before = found.get(key);
    found.set(key, {
      ...day,
      offMicros: day.offMicros + (before?.offMicros ?? 0),
      amount: text(new Big(day.amount).plus(before?.amount ?? 0)),
    });
  }
  return [...found.values()].sort((a, b) => a.dayMicros - b.dayMicros || (a.currency < b.currency ? -1 : 1));
}

export interface PromisedSaving {
  readonly hours: number;
  /** Decimal; null: nobody knows the price. */
  readonly amount: string | null;
  readonly basis: 'history' | 'default';
}

/**
 * What a stop promises at the moment it is done: price × the median of how long this machine stayed off after its earlier
 * stops, or a day where there were too few of them; never more than the horizon.
 *
 * @param hourlyCost decimal; null: not known
 * @param pastOffMicros durations of earlier stops that are over
 */
export function promisedSaving(
  claim: SavingClaim,
  hourlyCost: string | null,
  pastOffMicros: readonly number[],
): PromisedSaving {
  const known = pastOffMicros.length >= ENOUGH_STOPS;
  const sorted = [...pastOffMicros].sort((a, b) => a - b);
  const micros = known ? sorted[Math.floor((sorted.length - 1) / 2)]! : DEFAULT_PROMISE_HOURS * HOUR_MICROS;
  const hours = Math.min(micros, claim.capMicros - claim.startMicros) / HOUR_MICROS;
  const amount = hourlyCost === null ? null : text(new Big(hourlyCost).times(hours).times(creditFactor(claim)));
  return { hours, amount, basis: known ? 'history' : 'default' };
}

export interface BilledDay {
  /** What the bill charges this resource on the day. */
  readonly billed: string;
  /** What an hour of it costs by the bills before the stop, or by its price where there are none. */
  readonly hourlyRate: string;
  /** Time that it was on, on this day. */
  readonly onMicros: number;
  /** Time of the day that counts as saved. */
  readonly offMicros: number;
  readonly factor: string;
}

/**
 * What of a day's saving the bill confirms: what its time on and its time off would have cost together, less what was charged.
 * Never more than its time off costs by the bill's own rate, and never less than nothing: a charge that time on does not
 * explain eats the saving and no other day's.
 */
export function verifiedOfDay(day: BilledDay): string {
  const rate = new Big(day.hourlyRate);
  const worth = (micros: number) => rate.times(micros).div(HOUR_MICROS);
  const off = worth(day.offMicros).times(day.factor);
  const left = worth(day.onMicros).plus(worth(day.offMicros)).minus(day.billed).times(day.factor);
  const confirmed = left.gt(off) ? off : left;
  return text(confirmed.lt(0) ? new Big(0) : confirmed);
}

/** verified ÷ estimated; null where nothing was promised or nothing is known. */
export function realisationRatio(estimated: string | null, realised: string | null): number | null {
  if (estimated === null || realised === null || new Big(estimated).lte(0)) return null;
  return Number(new Big(realised).div(estimated).toFixed(4));
}

/**
 * Claims of one instance so that no moment belongs to two of them: each ends, at the latest, where the next begins.
 *
 * @param startsMicros in any order
 */
export function disjointClaims(
  startsMicros: readonly number[],
  horizonDays: number,
): readonly { readonly startMicros: number; readonly capMicros: number }[] {
  const starts = [...new Set(startsMicros)].sort((a, b) => a - b);
  return starts.map((startMicros, i) => ({
    startMicros,
    capMicros: Math.min(startMicros + horizonDays * DAY_MICROS, starts[i + 1] ?? Infinity),
  }));
}

/** The sum of decimals; null counts as nothing. */
export const sumOfAmounts = (amounts: readonly (string | null)[]): string =>
  amounts.reduce((total, amount) => total.plus(amount ?? 0), new Big(0)).toFixed();

/** What an hour costs where `amount` is the `factor` of what `micros` cost; null where that says nothing. */
export function hourlyRateOf(amount: string, micros: number, factor = '1'): string | null {
  if (micros <= 0 || new Big(factor).lte(0) || new Big(amount).lte(0)) return null;
  return new Big(amount).times(HOUR_MICROS).div(micros).div(factor).toFixed();
}

function text(amount: Big): string {
  return new Big(amount.toFixed(AMOUNT_PLACES, Big.roundDown)).toFixed();
}
