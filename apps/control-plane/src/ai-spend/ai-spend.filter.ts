import { costWindow } from '@flotilla/contracts';
import type { AiSpendFilters, CostWindow } from '@flotilla/contracts';
import { aiProvider } from '@flotilla/domain';
import type { CopyValue, TenantRef } from '@flotilla/persistence';
import { AppError } from '../platform/index.js';

export interface AiSpendFilter {
  readonly window: CostWindow;
  /** `$1` tenant, `$2` and `$3` first and last day, the rest as `DIMENSIONS` takes them. */
  readonly values: readonly CopyValue[];
}

/** @throws AppError VALIDATION_ERROR for a window that contradicts itself */
export function aiSpendFilter(actor: TenantRef, query: AiSpendFilters, now: Date): AiSpendFilter {
  const window = costWindow(query, now);
  if ('field' in window) {
    throw new AppError('VALIDATION_ERROR', `${window.field} does not fit: expected ${window.expected}`, { ...window });
  }
  return {
    window,
    values: [
      actor.tenantId,
      window.firstDay,
      window.lastDay,
      query.spend_type ?? null,
      query.provider === undefined ? null : aiProvider(query.provider),
      query.model_name ?? null,
      query.workload_id ?? null,
      query.project_id ?? null,
      query.team_id ?? null,
      query.run_id ?? null,
      query.source ?? null,
    ],
  };
}

/** How many parameters `aiSpendFilter` fills. */
export const FILTER_VALUES = 11;

/** The values of a question about everything of some days. */
export const everythingOf = (actor: TenantRef, firstDay: string, lastDay: string): AiSpendFilter['values'] => [
  actor.tenantId,
  firstDay,
  lastDay,
  ...Array<null>(FILTER_VALUES - 3).fill(null),
];

/** Combinations that a question is about, with what their workload says where they say nothing. */
export const DIMENSIONS = `
  SELECT d.tenant_id, d.id, d.source, d.provider, d.model, d.spend_type, w.id AS workload_id, w.name AS workload_name, d.workload_ref,
         coalesce(d.project_id, w.project_id) AS project_id, coalesce(d.team_id, w.team_id) AS team_id,
         coalesce(d.cost_center, w.cost_center) AS cost_center, coalesce(d.business_unit, w.business_unit) AS business_unit,
         d.run_id, d.instance_id, d.service_tier, d.batch, d.usage_unit, d.currency, d.cost_origin, d.price_source,
         d.unpriced_reason, d.simulated
    FROM flotilla.ai_dimensions d
    LEFT JOIN flotilla.ai_workloads w ON w.tenant_id = d.tenant_id AND (w.external_id = d.workload_ref OR w.id::text = d.workload_ref)
   WHERE d.tenant_id = $1
     AND ($4::text IS NULL OR d.spend_type = $4)
     AND ($5::text IS NULL OR d.provider = $5)
     AND ($6::text IS NULL OR d.model = $6)
     AND ($7::bigint IS NULL OR w.id = $7)
     AND ($8::text IS NULL OR coalesce(d.project_id, w.project_id) = $8)
     AND ($9::text IS NULL OR coalesce(d.team_id, w.team_id) = $9)
     AND ($10::text IS NULL OR d.run_id = $10)
     AND ($11::text IS NULL OR d.source = $11)`;

/** The rate of an hour's or a request's day into the tenant's currency: NULL where nobody gave one. Needs `d` and `t`. */
export const rateOf = (at: string) =>
  `CASE WHEN d.currency = t.currency THEN 1 ELSE flotilla.currency_rate(d.tenant_id, d.currency, t.currency, (${at} AT TIME ZONE 'UTC')::date) END`;

/** The best witness first: what the provider counted, what was traced call by call, what anybody reported. */
const RANK = `CASE d.source WHEN 'provider_api' THEN 1 WHEN 'otlp' THEN 2 ELSE 3 END`;

/**
 * Of sources that tell of the same calls, the best one counts: a condition on a row `f` of `found`. A provider's report is
 * whole, so it goes before everything of its UTC day, provider and model; only a project that the provider itself names,
 * and not on this day with this model, is no part of it. Traces and other reports are parts: traces go before reports of
 * the same project, workload or instance.
 */
export const BEST_SOURCE = `
  NOT EXISTS (
    SELECT FROM told b WHERE b.day = f.day AND b.provider = f.provider AND b.model = f.model AND b.in_units = f.in_units AND b.rank < f.rank
       AND (b.project_id = f.project_id OR b.workload_id = f.workload_id OR b.instance_id = f.instance_id
         OR b.rank = 1 AND (b.project_id IS NULL OR f.project_id IS NULL
           OR NOT EXISTS (SELECT FROM named n WHERE n.provider = f.provider AND n.project_id = f.project_id))))`;

/** What `BEST_SOURCE` looks into: `found` has `day`, the columns of a combination, and `WITNESS`. */
export const TOLD = `
  told AS MATERIALIZED (
    SELECT DISTINCT f.day, f.provider, f.model, f.in_units, f.project_id, f.workload_id, f.instance_id, f.rank FROM found f
     WHERE f.rank < (SELECT max(g.rank) FROM found g)
  ), named AS MATERIALIZED (SELECT DISTINCT b.provider, b.project_id FROM told b WHERE b.rank = 1 AND b.project_id IS NOT NULL)`;

/** Which source a combination `d` is from, for `BEST_SOURCE`. */
export const WITNESS = `${RANK} AS rank, d.usage_unit IS NOT NULL AS in_units`;

/**
 * Hours of the window: `worth` is in the tenant's currency, NULL where there is no price or no rate. Filters come before the
 * choice between sources: a question about a workload is answered from traces where the provider's report names none.
 */
const hours = (counted: string) => `
  WITH found AS MATERIALIZED (
    SELECT h.*, (h.hour AT TIME ZONE 'UTC')::date AS day, ${rateOf('h.hour')} AS rate, d.source, d.provider, d.model, d.spend_type,
           d.workload_id, d.workload_name, d.workload_ref, d.project_id, d.team_id, d.cost_center, d.business_unit, d.run_id,
           d.instance_id, d.service_tier, d.batch, d.usage_unit, d.currency, d.cost_origin, d.price_source, d.unpriced_reason,
           d.simulated, ${WITNESS}
      FROM flotilla.ai_usage_hours h
      JOIN (${DIMENSIONS}) d ON d.tenant_id = h.tenant_id AND d.id = h.dimension_id
      JOIN flotilla.tenants t ON t.tenant_id = h.tenant_id
     WHERE h.tenant_id = $1 AND h.hour >= $2::date::timestamp AT TIME ZONE 'UTC' AND h.hour < ($3::date + 1)::timestamp AT TIME ZONE 'UTC'
  ), ${TOLD}
  SELECT f.*, CASE WHEN f.cost_origin IS NOT NULL THEN f.cost * f.rate END AS worth FROM found f WHERE ${counted}`;

/** What counts. */
export const HOURS = hours(BEST_SOURCE);
/** What another source tells better: kept, and in no sum. */
export const HOURS_NOT_COUNTED = hours(`NOT (${BEST_SOURCE})`);
