import Big from 'big.js';
import { billsIn } from '../metering/meter-spans.js';
import type { BillingModel, MeterSpan } from '../metering/meter-spans.js';

/** What a minute of Unix time is in the microseconds of spans. */
export const MINUTE_MICROS = 60_000_000;
const HOUR_MICROS = 3_600_000_000;
/** Digits after the point of an amount, as in charges. */
const AMOUNT_PLACES = 12;

/** Why time off saves nothing, or that it saves its price. */
export type SavingBasis = 'price' | 'always_on' | 'reserved';

/** Time that a stop would have kept a machine off, by what it is worth. Microseconds. */
export class AvoidedTime {
  /** `price currency` → time. */
  readonly priced = new Map<string, number>();
  /** The machine ran, and nobody knows its price: never counted as 0. */
  unpriced = 0;
  /** Nobody knows whether the machine ran. */
  unknown = 0;
  /** The machine ran, and is paid for all the same: reserved capacity, owned machines. */
  unsaved = 0;

  add(other: AvoidedTime): void {
    for (const [price, micros] of other.priced) this.addPriced(price, micros);
    this.unpriced += other.unpriced;
    this.unknown += other.unknown;
    this.unsaved += other.unsaved;
  }

  addPriced(price: string, micros: number): void {
    this.priced.set(price, (this.priced.get(price) ?? 0) + micros);
  }

  /** What the priced time comes to, by currency: exact to twelve places, rounded once. */
  amounts(): { readonly currency: string; readonly amount: string }[] {
    const sums = new Map<string, Big>();
    for (const [key, micros] of this.priced) {
      const [price, currency] = key.split(' ') as [string, string];
      sums.set(currency, (sums.get(currency) ?? new Big(0)).plus(new Big(price).times(micros)));
    }
    return [...sums]
      .map(([currency, units]) => ({ currency, amount: perHour(units) }))
      .sort((a, b) => (a.currency < b.currency ? -1 : 1));
  }

  pricedMicros(): number {
    let sum = 0;
    for (const micros of this.priced.values()) sum += micros;
    return sum;
  }
}

// big.js divides to DP places of the global constructor: a constructor of our own leaves the others alone
const Exact = Big();
Exact.DP = AMOUNT_PLACES;
const perHour = (units: Big) => new Exact(new Exact(units).div(HOUR_MICROS).toFixed(AMOUNT_PLACES)).toFixed();

interface Piece {
  readonly since: number;
  readonly until: number;
  readonly state: string;
  readonly price: string | null;
}

/** When an instance ran and what it cost then, ready for many questions about parts of that time. */
export class RunningTime {
  private readonly pieces: readonly Piece[];

  /** @param spans in any order; of overlapping ones the one that begins later holds from then on */
  constructor(
    spans: readonly MeterSpan[],
    private readonly model: BillingModel,
    private readonly basis: SavingBasis,
  ) {
    const sorted = [...spans].sort((a, b) => a.sinceMicros - b.sinceMicros);
    this.pieces = sorted.flatMap((span, i) => {
      const until = Math.min(span.untilMicros ?? Infinity, sorted[i + 1]?.sinceMicros ?? Infinity);
      const price = span.hourlyCost === null ? null : `${span.hourlyCost} ${span.currency}`;
      return until > span.sinceMicros ? [{ since: span.sinceMicros, until, state: span.state, price }] : [];
    });
  }

  /** Adds what a stop from one minute up to, without, another would have avoided. */
  avoided(fromMinute: number, toMinute: number, into: AvoidedTime): void {
    let at = fromMinute * MINUTE_MICROS;
    const end = toMinute * MINUTE_MICROS;
    for (const piece of this.pieces) {
      const since = Math.max(piece.since, at);
      const until = Math.min(piece.until, end);
      if (since >= until) continue;
      // no span tells of the time before
      into.unknown += since - at;
      at = until;
      const bills = billsIn(piece.state, this.model);
      if (bills === null) into.unknown += until - since;
      else if (bills) this.addBilled(piece, until - since, into);
    }
    into.unknown += Math.max(0, end - at);
  }

  /** Minutes of a time, half open, in which the machine was certainly off. */
  offMinutes(fromMinute: number, toMinute: number): number {
    let micros = 0;
    for (const piece of this.pieces) {
      if (piece.state === 'running' || piece.state === 'unknown') continue;
      const since = Math.max(piece.since, fromMinute * MINUTE_MICROS);
      micros += Math.max(0, Math.min(piece.until, toMinute * MINUTE_MICROS) - since);
    }
    return micros / MINUTE_MICROS;
  }

  /** Unix microseconds since when it ran without a break, or null when it was not certainly running at a minute. */
  runningSince(minute: number): number | null {
    const at = minute * MINUTE_MICROS;
    let i = this.pieces.findIndex(({ since, until }) => since <= at && at < until);
    if (this.pieces[i]?.state !== 'running') return null;
    // another price is another piece of the same time
    while (this.pieces[i - 1]?.state === 'running' && this.pieces[i - 1]!.until === this.pieces[i]!.since) i--;
    return this.pieces[i]!.since;
  }

  /** Price of an hour at a minute, NaN where nobody knows: for orders, not for sums. */
  hourlyAt(minute: number): number {
    const at = minute * MINUTE_MICROS;
    const piece = this.pieces.find(({ since, until }) => since <= at && at < until);
    return piece?.price ? Number(piece.price.split(' ')[0]) : NaN;
  }

  /** First minute after `minute` that begins with the machine started anew; Infinity: none. */
  startAfter(minute: number): number {
    for (let i = 1; i < this.pieces.length; i++) {
      const piece = this.pieces[i]!;
      const startMinute = Math.ceil(piece.since / MINUTE_MICROS);
      if (startMinute > minute && piece.state === 'running' && this.pieces[i - 1]!.state !== 'running')
        return startMinute;
    }
    return Infinity;
  }

  private addBilled(piece: Piece, micros: number, into: AvoidedTime): void {
    if (this.basis !== 'price') into.unsaved += micros;
    else if (piece.price === null) into.unpriced += micros;
    else into.addPriced(piece.price, micros);
  }
}
