import type { AI_DIMENSIONS } from '@flotilla/contracts';
import { DIMENSIONS, FILTER_VALUES, HOURS, HOURS_NOT_COUNTED, rateOf } from './ai-spend.filter.js';

const INPUT = 's.uncached_input + s.cache_read + s.cache_write_5m + s.cache_write_1h';
const UNPRICED = 'FILTER (WHERE s.cost_origin IS NULL)';

/** Sums of `s` (HOURS) as every answer has them. What has no price is counted apart, and in no sum of money. */
const SUMS = `
  coalesce(sum(s.worth), 0) AS total_cost, sum(s.records) AS records, sum(s.requests) AS requests, sum(s.errors) AS errors,
  sum(${INPUT}) AS input_tokens, sum(s.cache_read) AS cached_input_tokens,
  sum(s.cache_write_5m + s.cache_write_1h) AS cache_write_input_tokens, sum(s.output) AS output_tokens,
  coalesce(sum(s.records) ${UNPRICED}, 0) AS unpriced_records, coalesce(sum(s.requests) ${UNPRICED}, 0) AS unpriced_requests,
  coalesce(sum(${INPUT}) ${UNPRICED}, 0) AS unpriced_input_tokens, coalesce(sum(s.output) ${UNPRICED}, 0) AS unpriced_output_tokens,
  bool_or(s.simulated) AS simulated`;

/** One pass over the window: over everything, by provider, by model, by kind and by day. */
export const SUMMARY = `
  SELECT grouping(s.provider, s.model, s.spend_type, s.day) AS grouped, s.provider, s.model, s.spend_type, s.day::text AS date, ${SUMS}
    FROM (${HOURS}) s
   GROUP BY GROUPING SETS ((), (s.provider), (s.provider, s.model), (s.spend_type), (s.day))
   ORDER BY grouped, total_cost DESC, s.day, s.provider, s.model`;

/** What `grouping` answers for each of the sets: a bit for every column that is not grouped by. */
export const GROUPED = {
  byModel: 0b0011,
  byProvider: 0b0111,
  bySpendType: 0b1101,
  byDay: 0b1110,
  all: 0b1111,
} as const;

type AiDimension = (typeof AI_DIMENSIONS)[number];
const GROUP_BY: Readonly<Record<AiDimension, string>> = {
  project_id: 's.project_id',
  team_id: 's.team_id',
  cost_center: 's.cost_center',
  business_unit: 's.business_unit',
  workload_id: 's.workload_id::text',
  provider: 's.provider',
  model_name: 's.model',
  spend_type: 's.spend_type',
  run_id: 's.run_id',
  instance_id: `(SELECT i.provider_id FROM flotilla.instances i WHERE i.tenant_id = s.tenant_id AND i.id = s.instance_id)`,
};

export const byDimensionSql = (dimension: AiDimension) => `
  SELECT s.value, ${SUMS}
    FROM (SELECT s.*, ${GROUP_BY[dimension]} AS value FROM (${HOURS}) s) s
   GROUP BY s.value ORDER BY total_cost DESC, records DESC, s.value`;

export const UNPRICED_MODELS = `
  SELECT s.provider, s.model AS model_name, s.unpriced_reason AS reason, sum(s.records) AS records
    FROM (${HOURS}) s WHERE s.cost_origin IS NULL GROUP BY s.provider, s.model, s.unpriced_reason
   ORDER BY records DESC, s.provider, s.model LIMIT 100`;

export const UNCONVERTED = `
  SELECT s.currency, sum(s.cost) AS amount, sum(s.records) AS records
    FROM (${HOURS}) s WHERE s.cost_origin IS NOT NULL AND s.rate IS NULL AND s.cost <> 0 GROUP BY s.currency ORDER BY s.currency`;

/** What two sources tell of, by the one that is not counted. */
export const OVERLAPS = `
  SELECT s.provider, s.model AS model_name, s.source, sum(s.records) AS records, sum(s.requests) AS requests,
         sum(${INPUT}) AS input_tokens, sum(s.output) AS output_tokens, sum(s.worth) AS cost
    FROM (${HOURS_NOT_COUNTED}) s
   GROUP BY s.provider, s.model, s.source ORDER BY s.provider, s.model, s.source LIMIT 100`;

/** Units of what is not counted in tokens and has no price. */
export const UNPRICED_UNITS = `
  SELECT s.provider, s.model AS model_name, s.usage_unit, sum(s.usage_quantity) AS quantity, sum(s.records) AS records
    FROM (${HOURS}) s WHERE s.cost_origin IS NULL AND s.usage_unit IS NOT NULL GROUP BY s.provider, s.model, s.usage_unit
   ORDER BY records DESC, s.provider, s.model LIMIT 100`;

const WHOSE = `
  d.provider, d.model AS model_name, d.spend_type, d.workload_id, d.workload_ref AS workload, d.project_id, d.team_id, d.cost_center,
  d.business_unit, d.run_id, (SELECT i.provider_id FROM flotilla.instances i WHERE i.tenant_id = d.tenant_id AND i.id = d.instance_id) AS instance_id,
  d.service_tier, d.batch, d.usage_unit, d.currency, d.cost_origin AS cost_source, d.price_source, d.unpriced_reason, d.source, d.simulated`;
const COUNTS = `
  coalesce(u.requests, 0) AS requests, u.errors, u.uncached_input + u.cache_read + u.cache_write_5m + u.cache_write_1h AS input_tokens,
  u.cache_read AS cached_input_tokens, u.cache_write_5m + u.cache_write_1h AS cache_write_input_tokens, u.output AS output_tokens,
  CASE WHEN d.usage_unit IS NOT NULL THEN u.usage_quantity END AS usage_quantity`;
const place = (at: string, id: string, cast: string) => `
  ($${FILTER_VALUES + 1}::timestamptz IS NULL OR (${at}, ${id}) < ($${FILTER_VALUES + 1}::timestamptz, $${FILTER_VALUES + 2}::${cast}))`;
const PAGE = `LIMIT $${FILTER_VALUES + 3} OFFSET $${FILTER_VALUES + 4}`;

/** Newest hour first; `place_at` and `place_id` are where a page ends. */
export const LIST_HOURS = `
  SELECT u.hour AS timestamp, ${WHOSE}, u.records, ${COUNTS}, CASE WHEN d.cost_origin IS NOT NULL THEN u.cost END AS cost,
         CASE WHEN d.cost_origin IS NOT NULL THEN u.cost * ${rateOf('u.hour')} END AS converted_cost, NULL AS trace_id,
         u.dimension_id::text AS place_id
    FROM flotilla.ai_usage_hours u
    JOIN (${DIMENSIONS}) d ON d.tenant_id = u.tenant_id AND d.id = u.dimension_id
    JOIN flotilla.tenants t ON t.tenant_id = u.tenant_id
   WHERE u.tenant_id = $1 AND u.hour >= $2::date AND u.hour < $3::date + 1 AND ${place('u.hour', 'u.dimension_id', 'bigint')}
   ORDER BY u.hour DESC, u.dimension_id DESC ${PAGE}`;

export const LIST_REQUESTS = `
  SELECT u.at AS timestamp, ${WHOSE}, 1 AS records, ${COUNTS}, u.cost, u.cost * ${rateOf('u.at')} AS converted_cost, u.trace_id,
         u.record_key::text AS place_id
    FROM flotilla.ai_usage u
    JOIN (${DIMENSIONS}) d ON d.tenant_id = u.tenant_id AND d.id = u.dimension_id
    JOIN flotilla.tenants t ON t.tenant_id = u.tenant_id
   WHERE u.tenant_id = $1 AND u.day >= $2::date AND u.day <= $3::date AND ${place('u.at', 'u.record_key', 'uuid')}
   ORDER BY u.at DESC, u.record_key DESC ${PAGE}`;

/**
 * Usage of API models by day: what counts of it, as other rooms add it to charges. Takes the values of `everythingOf`. What
 * own machines serve costs what they cost, and is not in it.
 */
export const COUNTED_USAGE = `
  SELECT s.day, s.provider, s.model, s.team_id, s.project_id, s.cost_center, s.business_unit, sum(s.worth) AS worth,
         coalesce(sum(s.records) ${UNPRICED}, 0) AS unpriced,
         coalesce(sum(s.records) FILTER (WHERE s.cost_origin IS NOT NULL AND s.rate IS NULL), 0) AS unconverted
    FROM (${HOURS}) s WHERE s.provider <> 'self_hosted' GROUP BY 1, 2, 3, 4, 5, 6, 7`;
