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

/** Hours of the window: `worth` is in the tenant's currency, NULL where there is no price or no rate. */
export const HOURS = `
  SELECT s.*, CASE WHEN s.cost_origin IS NOT NULL THEN s.cost * s.rate END AS worth
    FROM (
      SELECT h.*, (h.hour AT TIME ZONE 'UTC')::date AS day, ${rateOf('h.hour')} AS rate, d.source, d.provider, d.model, d.spend_type,
             d.workload_id, d.workload_name, d.project_id, d.team_id, d.cost_center, d.business_unit, d.run_id, d.instance_id,
             d.currency, d.cost_origin, d.unpriced_reason, d.simulated
        FROM flotilla.ai_usage_hours h
        JOIN (${DIMENSIONS}) d ON d.tenant_id = h.tenant_id AND d.id = h.dimension_id
        JOIN flotilla.tenants t ON t.tenant_id = h.tenant_id
       WHERE h.tenant_id = $1 AND h.hour >= $2::date AND h.hour < $3::date + 1) s`;
