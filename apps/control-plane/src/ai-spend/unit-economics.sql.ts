import { FILTER_VALUES, HOURS } from './ai-spend.filter.js';

const CACHED = '(s.cache_read + s.cache_write_5m + s.cache_write_1h)';
/** Of what has a price and a rate. */
const priced = (sum: string, more = '') => `(sum(${sum}) FILTER (WHERE s.worth IS NOT NULL${more}))::text`;
/** Parts are told of what was priced by a list. */
const parted = (sum: string) => priced(sum, ` AND s.cost_origin = 'estimate'`);
const INFERENCE = ` AND s.spend_type = 'inference'`;

/** What `ChargedUse` is made of, of each provider, model and serving instance. Takes the values of `aiSpendFilter`. */
export const MODEL_USE = `
  SELECT s.provider, s.model, s.instance_id, bool_or(s.simulated) AS simulated, sum(s.requests)::text AS requests,
    sum(s.uncached_input)::text AS input, sum(${CACHED})::text AS cached, sum(s.output)::text AS output,
    ${priced('s.worth')} AS cost, ${priced(`s.uncached_input + ${CACHED} + s.output`)} AS priced_tokens,
    ${priced('s.worth', `${INFERENCE} AND s.requests > 0`)} AS inference_cost, ${priced('s.requests', INFERENCE)} AS inferences,
    ${parted('s.cost_input * s.rate')} AS input_cost, ${parted('s.uncached_input')} AS input_tokens,
    ${parted('s.cost_cached * s.rate')} AS cached_cost, ${parted(CACHED)} AS cached_tokens,
    ${parted('s.cost_output * s.rate')} AS output_cost, ${parted('s.output')} AS output_tokens
  FROM (${HOURS}) s
  GROUP BY s.provider, s.model, s.instance_id
  ORDER BY sum(s.worth) DESC NULLS LAST, s.provider, s.model, s.instance_id`;

/** Training runs, the newest first. The values of `aiSpendFilter`, and then how many. */
export const RUNS = `
  SELECT s.run_id, sum(s.records)::text AS records, ${priced('s.worth')} AS charged_cost,
    coalesce(jsonb_agg(DISTINCT jsonb_build_array(s.instance_id, s.hour))
      FILTER (WHERE s.instance_id IS NOT NULL AND s.cost_origin IS NULL), '[]') AS own
  FROM (${HOURS}) s WHERE s.run_id IS NOT NULL
  GROUP BY s.run_id ORDER BY max(s.hour) DESC, s.run_id LIMIT $${FILTER_VALUES + 1}`;
