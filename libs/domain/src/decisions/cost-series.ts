import { billsIn } from '../metering/meter-spans.js';
import type { BillingModel, MeterSpan } from '../metering/meter-spans.js';

const MINUTE_MICROS = 60_000_000;
const HOUR_MICROS = 3_600_000_000;

interface Piece {
  readonly since: number;
  readonly until: number;
  /** Per hour; 0: it does not bill, NaN: nobody knows. */
  readonly price: number;
  /** null: nobody knows. */
  readonly bills: boolean | null;
}

/**
 * What one instance costs, minute by minute, for comparisons: of the same spans, the same minute is always the same number,
 * whether it is asked for alone or among a month of others. Sums for people come from `meterSpans`, which is exact.
 */
export class CostSeries {
  private readonly pieces: readonly Piece[];
  // minutes are asked for in order: the search goes on where it ended
  private cursor = 0;

  /**
   * @param spans in any order; of overlapping ones the one that begins later holds from then on
   * @param currency a price in another one is not known
   */
  constructor(spans: readonly MeterSpan[], model: BillingModel, currency: string) {
    const sorted = [...spans].sort((a, b) => a.sinceMicros - b.sinceMicros);
    this.pieces = sorted.flatMap((span, i) => {
      const until = Math.min(span.untilMicros ?? Infinity, sorted[i + 1]?.sinceMicros ?? Infinity);
      const bills = billsIn(span.state, model);
      const known = span.hourlyCost !== null && span.currency === currency;
      const price = bills === false ? 0 : bills === null || !known ? NaN : Number(span.hourlyCost);
      return until > span.sinceMicros ? [{ since: span.sinceMicros, until, price, bills }] : [];
    });
  }

  /** Price of an hour at the end of a minute: 0 while it does not bill, NaN where nobody knows. */
  hourlyAt(minute: number): number {
    const at = (minute + 1) * MINUTE_MICROS - 1;
    const { pieces } = this;
    if (this.cursor >= pieces.length || pieces[this.cursor]!.since > at) this.cursor = 0;
    for (; this.cursor < pieces.length; this.cursor++) {
      const piece = pieces[this.cursor]!;
      if (piece.since > at) break;
      if (at < piece.until) return piece.price;
    }
    this.cursor = 0;
    return NaN;
  }

  /** `hourlyAt` for each minute of an array that begins at `fromMinute`. */
  hourlyOver(fromMinute: number, out: Float64Array): void {
    out.fill(NaN);
    for (const { since, until, price } of this.pieces) {
      const [begin, end] = [firstEndingAt(since) - fromMinute, firstEndingAt(until) - fromMinute];
      if (end > 0 && begin < out.length) out.fill(price, Math.max(0, begin), Math.min(out.length, end));
    }
  }

  /**
   * What the time from the beginning of one minute to the end of another came to. Time in an unknown state is not charged;
   * NaN when some of it has no price.
   */
  between(fromMinute: number, minute: number): number {
    const from = fromMinute * MINUTE_MICROS;
    const to = (minute + 1) * MINUTE_MICROS;
    let sum = 0;
    for (const piece of this.pieces) {
      if (piece.until <= from) continue;
      if (piece.since >= to) break;
      if (piece.bills !== true) continue;
      sum += (piece.price * (Math.min(piece.until, to) - Math.max(piece.since, from))) / HOUR_MICROS;
    }
    return sum;
  }
}

/** The first minute whose last microsecond is not before a time. */
function firstEndingAt(micros: number): number {
  if (micros === Infinity) return Infinity;
  return Math.ceil((micros + 1) / MINUTE_MICROS) - 1;
}
