import type { CostRecord } from '@flotilla/domain';

/** Columns of flotilla.costs that a record fills, with their types, in the order of every statement here. */
const COLUMNS = {
  origin: 'text',
  source: 'text',
  charge_start: 'timestamptz',
  charge_end: 'timestamptz',
  billing_period_start: 'timestamptz',
  billing_period_end: 'timestamptz',
  provider: 'text',
  provider_name: 'text',
  publisher_name: 'text',
  invoice_issuer_name: 'text',
  billing_account_id: 'text',
  sub_account_id: 'text',
  service: 'text',
  service_category: 'text',
  region: 'text',
  resource_id: 'text',
  resource_name: 'text',
  resource_type: 'text',
  instance_type: 'text',
  charge_category: 'text',
  charge_class: 'text',
  charge_frequency: 'text',
  charge_description: 'text',
  pricing_category: 'text',
  sku_id: 'text',
  sku_price_id: 'text',
  pricing_quantity: 'numeric',
  pricing_unit: 'text',
  consumed_quantity: 'numeric',
  consumed_unit: 'text',
  commitment_discount_id: 'text',
  commitment_discount_status: 'text',
  billed_cost: 'numeric',
  effective_cost: 'numeric',
  list_cost: 'numeric',
  contracted_cost: 'numeric',
  currency: 'text',
  tags: 'jsonb',
  estimated: 'boolean',
  simulated: 'boolean',
  focus: 'jsonb',
} as const;

export type CostColumn = keyof typeof COLUMNS;
export const COST_COLUMNS = Object.keys(COLUMNS) as CostColumn[];

/** A record as a row of the staging shape below: wire names, and the two digests in hex. */
export type StagedCost = Record<CostColumn, unknown> & {
  readonly record_key: string;
  readonly content_digest: string;
};

const camel = (column: string) => column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
/** The fields of a record in the order of the columns. */
export const COST_FIELDS_OF_COLUMNS = COST_COLUMNS.map((column) => camel(column) as keyof CostRecord);
const FIELDS = COST_COLUMNS.map((column, index) => [column, COST_FIELDS_OF_COLUMNS[index]!] as const);

/** The columns of a record by their names in SQL. */
export function columnsOf(record: CostRecord): Record<CostColumn, unknown> {
  const row = {} as Record<CostColumn, unknown>;
  for (const [column, field] of FIELDS) row[column] = record[field];
  return row;
}

/** `name type, …`: of a temporary table or of jsonb_to_recordset. */
export const COST_SHAPE = COST_COLUMNS.map((c) => `${c} ${COLUMNS[c]}`).join(', ');

const CHANGING = [...COST_COLUMNS, 'content_digest', 'import_id', 'agent_id', 'charge_day', 'instance_id'];

/** Where an upsert finds its rows, `s`: a FROM clause, and the SQL of what it needs besides the columns of COST_SHAPE. */
export interface StagedCosts {
  readonly from: string;
  /** Distinct: an upsert cannot touch a row twice. */
  readonly key: string;
  readonly digest: string;
  readonly instance: string;
}

/** Who brings the charges: `$1` tenant, `$2` import id or null, `$3` agent id or null. */
const insertFrom = ({ from, key, digest, instance }: StagedCosts) => `
    INSERT INTO flotilla.costs AS c (tenant_id, import_id, agent_id, record_key, content_digest, charge_day, instance_id, ${COST_COLUMNS.join(', ')})
    SELECT $1, $2, $3, ${key}, ${digest}, (s.charge_start AT TIME ZONE 'UTC')::date, ${instance},
           ${COST_COLUMNS.map((c) => `s.${c}`).join(', ')}
      FROM ${from}
    ON CONFLICT (tenant_id, record_key)`;

const DAYS = 'min(charge_day)::text AS first_day, max(charge_day)::text AS last_day';

/** Stores those of the staged rows whose key is new. Answers how many (`n`), and from which day to which. */
export const storeNewFrom = (staged: StagedCosts) => `
  WITH put AS (${insertFrom(staged)} DO NOTHING RETURNING c.charge_day) SELECT count(*)::integer AS n, ${DAYS} FROM put`;

const CHANGED = `DO UPDATE
      SET ${CHANGING.map((c) => `${c} = excluded.${c}`).join(', ')}, updated_at = now()
      WHERE c.content_digest <> excluded.content_digest`;

/**
 * Corrects what is known with another content. Answers as `storeNewFrom` does.
 *
 * Each key is looked up by itself, and only what differs is written: as a join, a planner without statistics held every
 * staged row against every charge.
 */
export const correctFrom = (staged: StagedCosts) => `
  WITH put AS (${insertFrom({ ...staged, from: `${staged.from} WHERE ${staged.digest} <> ${knownDigest(staged)}` })} ${CHANGED}
    RETURNING c.charge_day
  ) SELECT count(*)::integer AS n, ${DAYS} FROM put`;

const knownDigest = ({ key }: StagedCosts) =>
  `(SELECT k.content_digest FROM flotilla.costs k WHERE k.tenant_id = $1 AND k.record_key = ${key})`;

const FROM_JSON: StagedCosts = {
  from: `jsonb_to_recordset($4::jsonb) AS s(record_key text, content_digest text, ${COST_SHAPE})`,
  key: "decode(s.record_key, 'hex')",
  digest: "decode(s.content_digest, 'hex')",
  // a resource is linked to the instance that it names: by its provider id, or as the last part of an ARN or a path
  // the part is worked out once for the row, and not once for each instance
  instance: `(SELECT i.id FROM (SELECT regexp_replace(s.resource_id, '^.*[/:]', '') AS last OFFSET 0) part
                JOIN flotilla.instances i ON i.tenant_id = $1 AND i.provider_id IN (s.resource_id, part.last)
               ORDER BY i.cloud_provider = s.provider DESC, i.id LIMIT 1)`,
};

/** Upserts the staged rows of a jsonb array in `$4`. Answers how many were new and how many changed; the rest said nothing new. */
export const UPSERT_JSON = `
  WITH put AS (${insertFrom(FROM_JSON)} ${CHANGED}
    RETURNING xmax = 0 AS is_new
  )
  SELECT count(*) FILTER (WHERE is_new)::integer AS accepted, count(*) FILTER (WHERE NOT is_new)::integer AS updated
    FROM put`;
