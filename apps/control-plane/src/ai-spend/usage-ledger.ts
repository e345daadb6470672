import { Injectable } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import type { Actor, TenantRef } from '@flotilla/persistence';
import { PriceBooks } from '../prices/index.js';
import { dimensionOf, DimensionNumbers } from './dimensions.js';
import type { Dimension } from './dimensions.js';
import { pricedUsage } from './priced-usage.js';
import type { UsagePrice } from './priced-usage.js';
import { ServingInstances } from './serving-instances.js';
import { dayOf, keyOf, UPSERT, upsertValues } from './usage.sql.js';
import type { UsageRecord } from './usage-record.js';

/** What became of records; together with `refused` they are all that were given. */
export interface UsageOutcome {
  readonly accepted: number;
  /** Known, with other counts: the new ones count. */
  readonly updated: number;
  readonly duplicates: number;
  /** By their place in the list, why. */
  readonly refused: readonly { readonly index: number; readonly reason: string }[];
}

const DAY_MS = 86_400_000;
/** Clocks differ; what was used later than this is a mistake. */
const FUTURE_MS = DAY_MS;
/** Providers tell usage of about a year back. */
const OLDEST_DAYS = 400;
/** Rows of one statement. */
const AT_ONCE = 5_000;
const RETRIES = 3;

/** The one way into flotilla.ai_usage: prices each record, knows it again, and corrects what is told anew. */
@Injectable()
export class UsageLedger {
  private readonly numbers = new DimensionNumbers();
  /** Days that have a partition. */
  private readonly days = new Set<string>();

  constructor(
    private readonly db: Db,
    private readonly prices: PriceBooks,
    private readonly instances: ServingInstances,
  ) {}

  /**
   * Stores all of it, or nothing. Safe to call twice with the same records: of one that comes twice in a list, the last
   * telling counts.
   *
   * @param simulated whether the source makes its records up
   */
  async store(
    actor: Actor,
    records: readonly UsageRecord[],
    simulated = false,
    now = new Date(),
  ): Promise<UsageOutcome> {
    if (records.length === 0) return { accepted: 0, updated: 0, duplicates: 0, refused: [] };
    const tenant = await this.tenant(actor);
    const refused = await this.refusals(actor, records, now);
    const lost = new Set(refused.map(({ index }) => index));
    const byKey = new Map<string, UsageRecord>();
    for (const [index, record] of records.entries()) {
      if (!lost.has(index)) byKey.set(dayOf(record.at) + keyOf(record), record);
    }
    const book = await this.prices.of(actor);
    const serving = await this.instances.of(actor, [...byKey.values()]);
    const digest = DimensionNumbers.digests();
    const priced = [...byKey.values()].map((record) => {
      const price = pricedUsage(record, book, tenant.currency);
      const dimension = dimensionOf(record, price, serving(record), simulated || tenant.simulated);
      return { record, price, dimension, digest: digest(dimension) };
    });
    await this.number(actor, priced);
    const staged = priced.map(({ digest, ...row }) => ({
      ...row,
      dimensionId: this.numbers.number(actor.tenantId, digest),
    }));
    const { accepted, updated } = await retried(async (attempt) => {
      // another replica may have dropped a day that this one remembers
      if (attempt > 1) this.days.clear();
      await this.makeDays(
        actor,
        staged.map(({ record }) => dayOf(record.at)),
      );
      return this.write(actor, staged);
    });
    return { accepted, updated, duplicates: records.length - refused.length - accepted - updated, refused };
  }

  private write(actor: Actor, staged: readonly { record: UsageRecord; price: UsagePrice; dimensionId: number }[]) {
    return this.db.write(actor, async (tx) => {
      tx.withoutAudit('usage is kept as it is told');
      const sum = { accepted: 0, updated: 0 };
      for (let from = 0; from < staged.length; from += AT_ONCE) {
        const values = upsertValues(actor.tenantId, staged.slice(from, from + AT_ONCE));
        const row = await tx.row<{ accepted: number; updated: number }>(UPSERT, values);
        sum.accepted += row?.accepted ?? 0;
        sum.updated += row?.updated ?? 0;
      }
      return sum;
    });
  }

  /** Numbers of combinations in a transaction before: what is remembered of them must be committed. */
  private async number(actor: Actor, rows: readonly { digest: string; dimension: Dimension }[]): Promise<void> {
    const byDigest = new Map(rows.map(({ digest, dimension }) => [digest, dimension]));
    const missing = this.numbers.missing(actor.tenantId, byDigest.keys());
    if (missing.length === 0) return;
    const numbers = await this.db.write(actor, (tx) => {
      tx.withoutAudit('numbers of combinations of dimensions');
      return this.numbers.put(tx, actor.tenantId, new Map(missing.map((digest) => [digest, byDigest.get(digest)!])));
    });
    this.numbers.keep(actor.tenantId, numbers);
  }

  private async makeDays(actor: Actor, days: readonly string[]): Promise<void> {
    const missing = [...new Set(days)].filter((day) => !this.days.has(day));
    if (missing.length === 0) return;
    await this.db.write(actor, async (tx) => {
      tx.withoutAudit('partitions');
      await tx.rows('SELECT flotilla.make_ai_usage_days($1::date[])', [missing]);
    });
    for (const day of missing) this.days.add(day);
  }

  /** Partitions that are gone. */
  forgetDays(days: readonly string[]): void {
    for (const day of days) this.days.delete(day);
  }

  private async tenant(actor: TenantRef) {
    const row = await this.db.read(actor, (tx) =>
      tx.row<{ currency: string; simulated: boolean }>(
        'SELECT t.currency, t.simulated FROM flotilla.tenants t WHERE t.tenant_id = $1',
        [actor.tenantId],
      ),
    );
    if (!row) throw new Error(`tenant ${actor.tenantId} is not there`);
    return row;
  }

  /** What cannot be stored: of the future, of too long ago, or of a day whose records are gone. */
  private async refusals(actor: TenantRef, records: readonly UsageRecord[], now: Date) {
    const oldest = now.getTime() - OLDEST_DAYS * DAY_MS;
    const reasons = records.map(({ at, until }) => {
      if (at.getTime() > now.getTime() + FUTURE_MS) return `timestamp: ${at.toISOString()} is in the future`;
      if (at.getTime() < oldest) return `timestamp: ${at.toISOString()} is more than ${OLDEST_DAYS} days ago`;
      if (until.getTime() < at.getTime()) return `period_end: ${until.toISOString()} is before the usage begins`;
      return null;
    });
    const old = new Set(
      records.flatMap(({ at }, index) =>
        reasons[index] === null && at.getTime() < now.getTime() - DAY_MS ? [dayOf(at)] : [],
      ),
    );
    if (old.size > 0) {
      const closed = await this.db.read(actor, (tx) =>
        tx.rows<{ day: string }>(
          'SELECT c.day::text AS day FROM flotilla.ai_usage_closed_days c WHERE c.tenant_id = $1 AND c.day = ANY ($2::date[])',
          [actor.tenantId, [...old]],
        ),
      );
      const gone = new Set(closed.map(({ day }) => day));
      for (const [index, { at }] of records.entries()) {
        if (gone.has(dayOf(at))) {
          reasons[index] ??=
            `timestamp: the records of ${dayOf(at)} are no longer kept, so it cannot be told whether this one was counted before; their sums stay as they are`;
        }
      }
    }
    return reasons.flatMap((reason, index) => (reason === null ? [] : [{ index, reason }]));
  }
}

/** What passes by itself: two writers that correct each other's records and stop each other, a day without a partition. */
const PASSING: readonly unknown[] = ['40P01', '23514'];

async function retried<T>(work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt === RETRIES || !PASSING.includes(codeOf(error))) throw error;
    }
  }
}

const codeOf = (error: unknown): unknown =>
  (error as { code?: unknown }).code ?? (error as { driverError?: { code?: unknown } }).driverError?.code;
