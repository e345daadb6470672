import type { MinuteColumns, SeriesNeed } from '@flotilla/domain';
import type { Db, ReadTx } from '@flotilla/persistence';
import type { HistoryInstance } from '../decision-history/index.js';
import type { DecisionRound, PastMinute, RoundFleet } from './decision-round.js';
import { derivedNeeds, fillDerived, readPrices } from './derived-columns.js';
import { emptyColumn, readFleet, readMinutes } from './minute-reader.js';
import type { Places } from './minute-reader.js';
import { roundsStore } from './rounds.store.js';

/** Minutes of the past that are read at once: 8,000 GPUs have some 80,000 rows in them. */
const PAST_AT_ONCE = 10;

type Column = Float32Array | Float64Array;
const keyOf = (need: SeriesNeed) => `${need.metric}/${need.statistic}`;

/** A round that reads what it is asked for, each thing once. */
export class TenantRound implements DecisionRound {
  private read: Promise<RoundFleet & { readonly places: Places }> | undefined;
  private readonly known = new Map<string, Promise<Column>>();

  constructor(
    private readonly db: Db,
    private readonly replicaId: string,
    readonly tenantId: string,
    readonly minute: number,
    readonly previous: number | null,
  ) {}

  get at(): Date {
    return new Date((this.minute + 1) * 60_000);
  }

  fleet() {
    return (this.read ??= this.db.read(this, (tx) => readFleet(tx, this)));
  }

  async columns(series: readonly SeriesNeed[]): Promise<MinuteColumns> {
    const missing = series.filter((need) => !this.known.has(keyOf(need)));
    if (missing.length > 0) {
      const reading = this.readOf(missing, this.minute, this.minute).then((minutes) => minutes.get(this.minute)!);
      missing.forEach((need, at) => {
        const column = reading.then((columns) => columns[at]!);
        // whoever asks for it hears of the failure
        column.catch(() => this.known.delete(keyOf(need)));
        this.known.set(keyOf(need), column);
      });
    }
    return Promise.all(series.map((need) => this.known.get(keyOf(need))!));
  }

  async *past(series: readonly SeriesNeed[], from: number, to: number): AsyncGenerator<PastMinute> {
    // prices and time in state: once for all of these minutes
    const prices = await this.db.read(this, (tx) => readPrices(tx, this, derivedNeeds(series), from, to));
    for (let begin = from; begin <= to; begin += PAST_AT_ONCE) {
      const minutes = await this.readOf(series, begin, Math.min(to, begin + PAST_AT_ONCE - 1), prices);
      for (const [minute, columns] of [...minutes].sort(([a], [b]) => a - b)) yield { minute, columns };
    }
  }

  hold(tx: ReadTx): Promise<void> {
    return roundsStore.hold(tx, this.replicaId, this.tenantId);
  }

  /** Columns by minute; `this.minute` always has them, others where something is stored. */
  private async readOf(
    series: readonly SeriesNeed[],
    from: number,
    to: number,
    prices?: readonly HistoryInstance[],
  ): Promise<Map<number, Column[]>> {
    const { layout, places } = await this.fleet();
    const minutes = new Map<number, Column[]>();
    const columnsOf = (minute: number) => {
      const known = minutes.get(minute);
      if (known) return known;
      const made = series.map((need) => emptyColumn(need, layout));
      minutes.set(minute, made);
      return made;
    };
    if (from <= this.minute && this.minute <= to) columnsOf(this.minute);
    const collected = series.flatMap((need, at) => (need.statistic === null ? [] : [{ need, at }]));
    const derived = derivedNeeds(series);
    await this.db.read(this, async (tx) => {
      await readMinutes(
        tx,
        collected.map(({ need }) => need),
        places,
        from,
        to,
        (minute, k) => columnsOf(minute)[collected[k]!.at]!,
      );
      const known = prices ?? (await readPrices(tx, this, derived, from, to));
      await fillDerived(tx, this, derived, layout, known, from, to, (minute, at) => columnsOf(minute)[at]!);
    });
    return minutes;
  }
}
