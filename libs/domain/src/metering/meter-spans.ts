/** How an instance's price is owed: `running` while the machine is on, `always_on` from the day it is there until it is gone. */
export const BILLING_MODELS = ['running', 'always_on'] as const;
export type BillingModel = (typeof BILLING_MODELS)[number];

/** The tag that says otherwise than the provider does: `billing_model=always_on` for a reserved machine. */
export const BILLING_MODEL_TAG = 'billing_model';

/** How long an instance was in a state at a price. Times are microseconds since 1970, as PostgreSQL keeps them. */
export interface MeterSpan {
  readonly state: string;
  /** Decimal with at most ten places; null: nobody knows the price. */
  readonly hourlyCost: string | null;
  readonly currency: string;
  readonly sinceMicros: number;
  /** null: still. */
  readonly untilMicros: number | null;
}

/** What one instance cost on one UTC day at one price. */
export interface MeteredCharge {
  /** First microsecond of the day. */
  readonly dayMicros: number;
  readonly hourlyCost: string;
  readonly currency: string;
  readonly billedMicros: number;
  /** Decimal of at most twelve places. */
  readonly amount: string;
}

export interface Metered {
  readonly charges: readonly MeteredCharge[];
  /** Time that costs something, at a price that nobody knows: no charge, and never one of 0. */
  readonly unpricedMicros: number;
  /** Time in which nobody knows whether the machine was on: no charge. */
  readonly unknownMicros: number;
}

export const DAY_MICROS = 86_400_000_000;
const PRICE_PLACES = 10;
const AMOUNT_PLACES = 12;
/** From price units × microseconds to amount units: 10^-10 × µs ÷ 3,600 s, in 10^-12. */
const DIVISOR = 3_600_000_000n / 10n ** BigInt(AMOUNT_PLACES - PRICE_PLACES);

/** An owned machine depreciates whether it is on or not; a rented one is paid for while it is on. A tag decides otherwise. */
export function billingModelOf(provider: string, tags: Readonly<Record<string, string>>): BillingModel {
  const said = tags[BILLING_MODEL_TAG];
  if (said === 'running' || said === 'always_on') return said;
  return provider === 'on_prem' ? 'always_on' : 'running';
}

/** Whether a state costs: a machine that is stopping is billed until it has stopped; null: nobody knows. */
export function billsIn(state: string, model: BillingModel): boolean | null {
  if (model === 'always_on') return state !== 'terminated';
  return state === 'unknown' ? null : state === 'running' || state === 'stopping';
}

/**
 * What an instance costs from `fromMicros` up to, without, `toMicros`: one charge per UTC day and price.
 *
 * No moment is charged twice: where spans overlap, the one that begins later holds from then on. No rounding gets lost
 * either: an amount is the difference of two running totals that are rounded, so the sums over any partition of a time are
 * equal to the last digit.
 *
 * @param spans in any order
 * @throws RangeError for a price that is no decimal of at most ten places (a bug in the caller)
 */
export function meterSpans(
  spans: readonly MeterSpan[],
  model: BillingModel,
  fromMicros: number,
  toMicros: number,
): Metered {
  const charges = new Map<string, { charge: Omit<MeteredCharge, 'amount'>; units: bigint }>();
  let unpricedMicros = 0;
  let unknownMicros = 0;
  for (const { span, since, until } of inTurn(spans, fromMicros, toMicros)) {
    const bills = billsIn(span.state, model);
    if (bills === false) continue;
    if (bills === null) unknownMicros += until - since;
    else if (span.hourlyCost === null) unpricedMicros += until - since;
    else {
      const price = priceUnits(span.hourlyCost);
      for (let start = since; start < until;) {
        const dayMicros = Math.floor(start / DAY_MICROS) * DAY_MICROS;
        const end = Math.min(until, dayMicros + DAY_MICROS);
        const key = `${dayMicros} ${price} ${span.currency}`;
        const before = charges.get(key);
        charges.set(key, {
          charge: {
            dayMicros,
            hourlyCost: unitsText(price, PRICE_PLACES),
            currency: span.currency,
            billedMicros: (before?.charge.billedMicros ?? 0) + end - start,
          },
          units: (before?.units ?? 0n) + runningTotal(price, end) - runningTotal(price, start),
        });
        start = end;
      }
    }
  }
  return {
    charges: [...charges.values()].map(({ charge, units }) => ({ ...charge, amount: unitsText(units, AMOUNT_PLACES) })),
    unpricedMicros,
    unknownMicros,
  };
}

/** Microseconds as seconds, to the last of them. */
export const secondsText = (micros: number): string => unitsText(BigInt(micros), 6);

/** The spans one after the other, cut to the window and each to the beginning of the next. */
function* inTurn(spans: readonly MeterSpan[], fromMicros: number, toMicros: number) {
  const sorted = [...spans].sort((a, b) => a.sinceMicros - b.sinceMicros);
  for (const [index, span] of sorted.entries()) {
    const next = sorted[index + 1]?.sinceMicros ?? Infinity;
    const since = Math.max(span.sinceMicros, fromMicros);
    const until = Math.min(span.untilMicros ?? Infinity, next, toMicros);
    if (since < until) yield { span, since, until };
  }
}

/** What a price comes to since 1970, rounded down: only differences of it mean something. */
const runningTotal = (price: bigint, atMicros: number): bigint => (price * BigInt(atMicros)) / DIVISOR;

function priceUnits(text: string): bigint {
  const match = /^(\d+)(?:\.(\d{0,10})0*)?$/.exec(text);
  if (!match) throw new RangeError(`${text} is no price of at most ${PRICE_PLACES} places`);
  return BigInt(match[1]! + (match[2] ?? '').padEnd(PRICE_PLACES, '0'));
}

function unitsText(units: bigint, places: number): string {
  const digits = units.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return digits.slice(0, -places) + (fraction ? `.${fraction}` : '');
}
