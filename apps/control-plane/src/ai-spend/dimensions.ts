import type { WriteTx } from '@flotilla/persistence';
import { shortDigest } from './usage-record.js';
import type { UsageRecord } from './usage-record.js';
import type { UsagePrice } from './priced-usage.js';

/** Columns of flotilla.ai_dimensions that make a combination. */
const COLUMNS = {
  source: 'text',
  provider: 'text',
  model: 'text',
  spend_type: 'text',
  workload_ref: 'text',
  project_id: 'text',
  team_id: 'text',
  cost_center: 'text',
  business_unit: 'text',
  run_id: 'text',
  instance_id: 'bigint',
  service_tier: 'text',
  batch: 'boolean',
  context_window: 'text',
  usage_unit: 'text',
  currency: 'text',
  cost_origin: 'text',
  price_source: 'text',
  unpriced_reason: 'text',
  simulated: 'boolean',
} as const;
const NAMES = Object.keys(COLUMNS);

export type Dimension = Readonly<Record<keyof typeof COLUMNS, string | number | boolean | null>>;

export function dimensionOf(
  { of, usage }: UsageRecord,
  price: UsagePrice,
  instanceId: number | null,
  simulated: boolean,
): Dimension {
  const dimension: Dimension = {
    source: of.source,
    provider: of.provider,
    model: of.model,
    spend_type: of.spendType,
    workload_ref: of.workloadRef,
    project_id: of.projectId,
    team_id: of.teamId,
    cost_center: of.costCenter,
    business_unit: of.businessUnit,
    run_id: of.runId,
    instance_id: instanceId,
    service_tier: usage?.tier ?? null,
    batch: usage?.batch ?? null,
    context_window: of.contextWindow,
    usage_unit: of.usageUnit,
    currency: price.currency,
    cost_origin: price.origin,
    price_source: price.source,
    unpriced_reason: price.unpricedReason,
    simulated,
  };
  // most texts are fine, and JSON shows those that are not
  return UNSTORABLE.test(JSON.stringify(dimension)) ? storable(dimension) : dimension;
}

/** What JSON writes for NUL and for halves of characters, which PostgreSQL does not keep. */
const UNSTORABLE = /\\u(0000|d[89a-f])/;
const HALVES = /\p{Surrogate}/gu;

const storable = (dimension: Dimension): Dimension =>
  Object.fromEntries(
    Object.entries(dimension).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replaceAll('\0', '').replaceAll(HALVES, '\uFFFD') : value,
    ]),
  ) as Dimension;

const MOST = 200_000;

/**
 * The numbers of combinations, remembered. Only committed ones are: give a transaction of its own, before the one that
 * refers to them.
 */
export class DimensionNumbers {
  private readonly known = new Map<string, number>();

  /** Digests of combinations; the function remembers those that it was asked for, of which there are few in a body. */
  static digests(): (dimension: Dimension) => string {
    const known = new Map<string, string>();
    return (dimension) => {
      const text = JSON.stringify(Object.values(dimension));
      const digest = known.get(text) ?? shortDigest(text);
      known.set(text, digest);
      return digest;
    };
  }

  /** Which of these are not known yet. */
  missing(tenantId: string, digests: Iterable<string>): string[] {
    return [...digests].filter((digest) => !this.known.has(tenantId + digest));
  }

  number(tenantId: string, digest: string): number {
    const id = this.known.get(tenantId + digest);
    if (id === undefined) throw new Error('a combination of dimensions has no number yet');
    return id;
  }

  /** Gives numbers to combinations, and reads those that have one. Call `keep` with the answer after COMMIT. */
  async put(tx: WriteTx, tenantId: string, dimensions: ReadonlyMap<string, Dimension>): Promise<DimensionNumber[]> {
    const given = [...dimensions]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([digest, dimension]) => ({ digest, ...dimension }));
    await tx.rows(INSERT, [tenantId, JSON.stringify(given)]);
    return tx.rows<DimensionNumber & Record<string, unknown>>(
      `SELECT replace(d.digest::text, '-', '') AS digest, d.id FROM flotilla.ai_dimensions d
        WHERE d.tenant_id = $1 AND d.digest = ANY ($2::uuid[])`,
      [tenantId, [...dimensions.keys()]],
    );
  }

  keep(tenantId: string, numbers: readonly DimensionNumber[]): void {
    if (this.known.size >= MOST) this.known.clear();
    for (const { digest, id } of numbers) this.known.set(tenantId + digest, id);
  }
}

export interface DimensionNumber {
  readonly digest: string;
  readonly id: number;
}

const INSERT = `
  INSERT INTO flotilla.ai_dimensions (tenant_id, digest, ${NAMES.join(', ')})
  SELECT $1, g.digest, ${NAMES.map((name) => `g.${name}`).join(', ')}
    FROM jsonb_to_recordset($2::jsonb) AS g(digest uuid, ${Object.entries(COLUMNS)
      .map(([name, type]) => `${name} ${type}`)
      .join(', ')})
  ON CONFLICT (tenant_id, digest) DO NOTHING`;
