import { Injectable } from '@nestjs/common';
import { sumDecimals } from '@flotilla/domain';
import { Db, systemActor } from '@flotilla/persistence';
import { PriceBooks } from '../prices/index.js';
import type { PriceBook } from '../prices/index.js';
import { dimensionOf, DimensionNumbers } from './dimensions.js';
import type { Dimension } from './dimensions.js';
import { NO_COUNTS, pricedUsage, REQUESTS } from './priced-usage.js';
import { REPRICE, UNPRICED_DIMENSIONS, UNPRICED_RECORDS } from './repricing.sql.js';
import type { UsageRecord } from './usage-record.js';

const AT_ONCE = 5_000;
const DAY_MS = 86_400_000;
/** A price that held on some days only is found by looking this often, this far back. */
const LOOK_EVERY_DAYS = 5;
const LOOK_BACK_DAYS = 400;
const START = ['0001-01-01', '00000000-0000-0000-0000-000000000000'] as const;

type DimensionRow = Dimension & { readonly id: number };
interface RecordRow {
  readonly day: string;
  readonly record_key: string;
  readonly content: string;
  readonly at: Date;
  readonly requests: number | null;
  readonly errors: number;
  readonly uncached_input: number;
  readonly cache_read: number;
  readonly cache_write_5m: number;
  readonly cache_write_1h: number;
  readonly output: number;
  readonly reasoning: number | null;
  readonly input_audio: number;
  readonly cache_read_audio: number;
  readonly output_audio: number;
  /** Decimal. */
  readonly usage_quantity: string | null;
}
/** What was priced, by the price that it has now. */
export interface Repriced {
  readonly currency: string;
  readonly price_source: string;
  readonly records: number;
  readonly cost: string;
}

/** Prices usage again that had no price when it came. What has one keeps it. */
@Injectable()
export class Repricing {
  constructor(
    private readonly db: Db,
    private readonly books: PriceBooks,
  ) {}

  /** Safe to call at any time. @param mark of which prices: remembered, so that the same are not tried again */
  async reprice(tenantId: string, mark: string, now = new Date()): Promise<Repriced[]> {
    const actor = systemActor(tenantId, 'ai-spend');
    this.books.forget(tenantId);
    const book = await this.books.of(actor);
    const dimensions = await this.db.read(actor, (tx) =>
      tx.rows<DimensionRow & Record<string, unknown>>(UNPRICED_DIMENSIONS, [tenantId]),
    );
    const done: Repriced[] = [];
    for (const dimension of dimensions) {
      if (hasPrice(book, dimension, now)) done.push(...(await this.repriceOne(tenantId, dimension, book)));
    }
    const amounts = summed(done);
    const records = amounts.reduce((sum, one) => sum + one.records, 0);
    await this.db.write(actor, async (tx) => {
      await tx.rows(
        'INSERT INTO flotilla.ai_repricings (tenant_id, prices_mark, records, amounts) VALUES ($1, $2, $3, $4)',
        [tenantId, mark, records, JSON.stringify(amounts)],
      );
      if (records > 0) await tx.record('ai_spend.repriced', null, { records, amounts });
      else tx.withoutAudit('no usage has a price now that had none');
    });
    return amounts;
  }

  private async repriceOne(tenantId: string, dimension: DimensionRow, book: PriceBook): Promise<Repriced[]> {
    const actor = systemActor(tenantId, 'ai-spend');
    const done: Repriced[] = [];
    for (let [day, key]: readonly [string, string] = START; ;) {
      const rows = await this.db.read(actor, (tx) =>
        tx.rows<RecordRow & Record<string, unknown>>(UNPRICED_RECORDS, [tenantId, dimension.id, day, key, AT_ONCE]),
      );
      done.push(...(await this.write(tenantId, dimension, rows, book)));
      const last = rows.at(-1);
      if (!last || rows.length < AT_ONCE) return done;
      [day, key] = [last.day, last.record_key];
    }
  }

  private async write(
    tenantId: string,
    dimension: DimensionRow,
    rows: readonly RecordRow[],
    book: PriceBook,
  ): Promise<Repriced[]> {
    const digest = DimensionNumbers.digests();
    const priced = rows.flatMap((row) => {
      const record = recordOf(dimension, row);
      const price = pricedUsage(record, book, String(dimension.currency));
      if (price.origin === null) return [];
      const now = dimensionOf(record, price, dimension.instance_id as number | null, dimension.simulated === true);
      return [{ row, price, dimension: now, digest: digest(now) }];
    });
    if (priced.length === 0) return [];
    return this.db.write(systemActor(tenantId, 'ai-spend'), async (tx) => {
      tx.withoutAudit('what was priced is recorded when all of it is');
      const wanted = new Map(priced.map((one) => [one.digest, one.dimension]));
      const numbers = await new DimensionNumbers().put(tx, tenantId, wanted);
      const numberOf = new Map(numbers.map((one) => [one.digest, one.id]));
      const put = priced.map(({ row: { day, record_key, content }, price, digest: of }) => ({
        day,
        record_key,
        content,
        dimension_id: numberOf.get(of),
        cost: price.cost,
        cost_input: price.input,
        cost_cached: price.cached,
        cost_output: price.output,
      }));
      return tx.rows<Repriced & Record<string, unknown>>(REPRICE, [tenantId, dimension.id, JSON.stringify(put)]);
    });
  }
}

function hasPrice(book: PriceBook, of: DimensionRow, now: Date): boolean {
  const how = { batch: of.batch as boolean | null, tier: of.service_tier as string | null };
  const [provider, model] = [String(of.provider), String(of.model)];
  const unit = of.usage_unit === null ? REQUESTS : String(of.usage_unit);
  for (let back = 0; back <= LOOK_BACK_DAYS; back += LOOK_EVERY_DAYS) {
    const at = new Date(now.getTime() - back * DAY_MS);
    if (book.find(provider, model, at, how).ok || book.findUnit(provider, model, at, unit, String(of.spend_type)).ok)
      return true;
  }
  return false;
}

/** Whether the source told tokens, of which there may have been none. */
function toldTokens(of: DimensionRow, row: RecordRow): boolean {
  if (of.unpriced_reason === NO_COUNTS) return false;
  if (of.usage_unit === null || of.service_tier !== null || of.batch !== null) return true;
  return row.uncached_input + row.cache_read + row.cache_write_5m + row.cache_write_1h + row.output > 0;
}

function recordOf(of: DimensionRow, row: RecordRow): UsageRecord {
  const text = (value: unknown) => (value === null ? null : String(value));
  const audio = { uncachedInput: row.input_audio, cacheRead: row.cache_read_audio, output: row.output_audio };
  return {
    identity: '',
    at: row.at,
    until: row.at,
    of: {
      source: of.source as UsageRecord['of']['source'],
      provider: String(of.provider),
      model: String(of.model),
      spendType: String(of.spend_type),
      workloadRef: text(of.workload_ref),
      projectId: text(of.project_id),
      teamId: text(of.team_id),
      costCenter: text(of.cost_center),
      businessUnit: text(of.business_unit),
      runId: text(of.run_id),
      contextWindow: text(of.context_window),
      usageUnit: text(of.usage_unit),
    },
    usage: !toldTokens(of, row)
      ? null
      : {
          uncachedInput: row.uncached_input,
          cacheRead: row.cache_read,
          cacheWrite5m: row.cache_write_5m,
          cacheWrite1h: row.cache_write_1h,
          output: row.output,
          reasoning: row.reasoning,
          batch: of.batch as boolean | null,
          tier: text(of.service_tier),
          ...(audio.uncachedInput + audio.cacheRead + audio.output > 0 && { audio }),
        },
    requests: row.requests,
    errors: row.errors,
    quantity: row.usage_quantity,
    told: null,
    servedBy: [],
    traceId: null,
  };
}

function summed(parts: readonly Repriced[]): Repriced[] {
  const by = new Map<string, Repriced>();
  for (const part of parts) {
    const key = `${part.currency} ${part.price_source}`;
    const known = by.get(key);
    by.set(
      key,
      known
        ? { ...known, records: known.records + part.records, cost: sumDecimals([known.cost, part.cost]) }
        : { ...part },
    );
  }
  return [...by.values()];
}
