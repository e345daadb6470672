import type { CostType } from '@flotilla/contracts';
import { RATE, tagsFit } from './costs.filter.js';
import { AMOUNT } from './costs.sql.js';

/** `$1` tenant, `$2` and `$3` first and last day, `$4` instance, `$5` type, `$6` provider, `$7` region, `$8` what `tagsAsked` makes of tags. */
const OWN = `
  SELECT i.id, i.provider_id, i.name, i.tags, i.simulated, coalesce(i.gpu_count, v.gpus)::integer AS gpus
  FROM flotilla.instances i
  LEFT JOIN (SELECT d.instance_id, count(*) AS gpus FROM flotilla.devices d WHERE d.kind = 'gpu' GROUP BY d.instance_id) v
    ON v.instance_id = i.id
  WHERE i.tenant_id = $1 AND coalesce(i.gpu_count, v.gpus) > 0
    AND ($4::bigint IS NULL OR i.id = $4::bigint) AND ($5::text IS NULL OR i.instance_type = $5)
    AND ($6::text IS NULL OR i.cloud_provider = $6) AND ($7::text IS NULL OR i.region = $7)
    AND ($8::jsonb IS NULL OR ${tagsFit('i.tags', '$8::jsonb')})`;

/** Charges of instances that count, with what they are worth in the tenant's currency (NULL: nobody gave the rate). */
const charges = (type: CostType) => `
  SELECT c.instance_id, c.currency, c.charge_start, c.charge_end, c.simulated, ${AMOUNT[type]} AS amount, ${AMOUNT[type]} * ${RATE} AS worth
  FROM flotilla.costs c JOIN flotilla.tenants t ON t.tenant_id = c.tenant_id
  WHERE c.tenant_id = $1 AND c.superseded_by IS NULL AND c.charge_day >= $2::date AND c.charge_day <= $3::date
    AND c.instance_id IS NOT NULL AND ${AMOUNT[type]} IS NOT NULL`;

/**
 * What no charge tells of yet (the hours since the last metering, a provider whose bill has not come) is worth price × time
 * in state, to the moment: the time of the charges of an instance is taken out of its spans.
 */
const pricedPieces = (type: CostType, which: 'all' | 'foreign') => `
  own AS MATERIALIZED (${OWN}), charges AS MATERIALIZED (${charges(type)}), pieces AS MATERIALIZED (
    SELECT s.instance_id, d.day::date AS day, s.hourly_cost, s.currency,
      greatest(s.since, d.day AT TIME ZONE 'UTC') AS since,
      least(coalesce(s.until, now()), (d.day + interval '1 day') AT TIME ZONE 'UTC') AS until
    FROM flotilla.instance_spans s
    JOIN own o ON o.id = s.instance_id
    CROSS JOIN LATERAL generate_series(
      greatest($2::date, (s.since AT TIME ZONE 'UTC')::date)::timestamp,
      least($3::date, (coalesce(s.until, now()) AT TIME ZONE 'UTC')::date)::timestamp, interval '1 day') AS d (day)
    WHERE s.tenant_id = $1 AND s.state = 'running'${which === 'foreign' ? ' AND s.hourly_cost > 0 AND s.currency <> (SELECT t.currency FROM flotilla.tenants t WHERE t.tenant_id = $1)' : ''}
  ), charged AS MATERIALIZED (
    SELECT w.instance_id, sum(w.worth) AS cost, range_agg(tstzrange(w.charge_start, w.charge_end)) AS told,
      bool_or(w.simulated) AS simulated
    FROM charges w ${which === 'foreign' ? 'WHERE w.instance_id IN (SELECT p.instance_id FROM pieces p)' : ''} GROUP BY w.instance_id
  ), priced AS (
    SELECT p.*, u.hours * p.hourly_cost AS amount, CASE WHEN p.currency = t.currency THEN 1
      ELSE flotilla.currency_rate($1, p.currency, t.currency, p.day) END AS rate
    FROM pieces p
    JOIN flotilla.tenants t ON t.tenant_id = $1
    LEFT JOIN charged c ON c.instance_id = p.instance_id
    CROSS JOIN LATERAL (
      SELECT sum(extract(epoch FROM upper(r) - lower(r))) / 3600 AS hours
      FROM unnest(tstzmultirange(tstzrange(p.since, p.until)) - coalesce(c.told, '{}'::tstzmultirange)) AS r
    ) u
    WHERE p.since < p.until
  )`;

/** Instances with GPUs: how many hours of each day they were running, and what the window cost. `$9`: the tag to group by. */
export const heldSql = (type: CostType) => `
  WITH ${pricedPieces(type, 'all')}, days AS (
    SELECT p.instance_id, p.day, sum(extract(epoch FROM p.until - p.since)) / 3600 AS held, sum(p.amount * p.rate) AS cost
    FROM priced p GROUP BY p.instance_id, p.day
  ), held AS (
    SELECT d.instance_id, sum(d.cost) AS cost, jsonb_object_agg(d.day, d.held) AS days FROM days d GROUP BY d.instance_id
  )
  SELECT o.id, o.provider_id, o.name, nullif(o.tags ->> $9::text, '') AS tag_value, o.gpus,
    o.simulated OR coalesce(c.simulated, false) AS simulated, c.cost AS charged_cost, h.cost AS priced_cost,
    coalesce(h.days, '{}') AS days
  FROM own o LEFT JOIN charged c ON c.instance_id = o.id LEFT JOIN held h ON h.instance_id = o.id
  ORDER BY o.id`;

/** What is in no cost of these instances, because nobody gave a rate: of charges, and of time at a price that no charge tells of. */
export const unconvertedOfInstancesSql = (type: CostType) => `
  WITH ${pricedPieces(type, 'foreign')}
  SELECT x.currency, sum(x.amount) AS amount
  FROM (
    SELECT w.currency, w.amount FROM charges w JOIN own o ON o.id = w.instance_id WHERE w.worth IS NULL
    UNION ALL
    SELECT p.currency, p.amount FROM priced p WHERE p.amount > 0 AND p.rate IS NULL
  ) x
  GROUP BY x.currency ORDER BY x.currency`;
