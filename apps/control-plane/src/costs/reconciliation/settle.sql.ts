import { COMPUTE_SERVICE } from '@flotilla/domain';

const RANK = `CASE c.origin WHEN 'bill' THEN 1 WHEN 'provider_api' THEN 2 WHEN 'reported' THEN 3 ELSE 4 END`;
const IS_COMPUTE = `CASE WHEN c.service_category IS NULL THEN c.service ~* '${COMPUTE_SERVICE}' ELSE c.service_category = 'Compute' END`;

/** Usage that may replace something: of the days `$2` to `$3` of tenant `$1` on which there is anything to be replaced. */
const BETTER = `
  FROM flotilla.costs c
  JOIN days d ON d.charge_day = c.charge_day
 WHERE c.tenant_id = $1 AND c.charge_day >= $2::date AND c.charge_day <= $3::date
   AND c.origin <> 'metered' AND c.charge_category = 'Usage'`;

/**
 * Marks which charges are replaced by a better origin, and takes the mark from those that are not any more: `supersededBy`
 * of the domain, for all of them at once. Bills are read once and never written; no account is '' here.
 */
export const SETTLE = `
  WITH days AS MATERIALIZED (
    SELECT DISTINCT c.charge_day FROM flotilla.costs c
     WHERE c.tenant_id = $1 AND c.charge_day >= $2::date AND c.charge_day <= $3::date AND c.origin <> 'bill'
  ), groups AS MATERIALIZED (
    SELECT c.charge_day, c.provider, c.sub_account_id, c.billing_account_id, ${RANK} AS rank,
           c.origin = 'reported' AND c.resource_id IS NOT NULL AS is_part, ${IS_COMPUTE} AS is_compute
      ${BETTER}
     GROUP BY 1, 2, 3, 4, 5, 6, 7
  ), accounts AS MATERIALIZED (
    SELECT g.charge_day, g.provider, a.account, min(g.rank) FILTER (WHERE g.rank < 3) AS any_rank,
           min(g.rank) FILTER (WHERE g.is_compute AND NOT g.is_part) AS compute_rank
      FROM groups g
     CROSS JOIN LATERAL (SELECT '' UNION SELECT g.sub_account_id UNION SELECT g.billing_account_id) AS a(account)
     WHERE a.account IS NOT NULL
     GROUP BY 1, 2, 3
  ), instances AS MATERIALIZED (
    SELECT c.charge_day, c.provider, c.instance_id, min(${RANK}) AS rank
      ${BETTER} AND c.instance_id IS NOT NULL
     GROUP BY 1, 2, 3
  ), decided AS (
    SELECT c.id, ${RANK} AS own,
           least(i.rank, CASE WHEN c.origin = 'metered' THEN a.compute_rank ELSE a.any_rank END) AS best
      FROM flotilla.costs c
      LEFT JOIN instances i ON i.charge_day = c.charge_day AND i.provider = c.provider AND i.instance_id = c.instance_id
      LEFT JOIN accounts a ON a.charge_day = c.charge_day AND a.provider = c.provider
                          AND a.account = coalesce(c.sub_account_id, c.billing_account_id, '')
     WHERE c.tenant_id = $1 AND c.charge_day >= $2::date AND c.charge_day <= $3::date AND c.origin <> 'bill'
  ), marks AS (
    SELECT d.id, CASE WHEN d.best < d.own THEN (ARRAY['bill', 'provider_api', 'reported'])[d.best] END AS superseded_by
      FROM decided d
  ), put AS (
    UPDATE flotilla.costs c SET superseded_by = m.superseded_by
      FROM marks m
     WHERE c.tenant_id = $1 AND c.id = m.id AND c.superseded_by IS DISTINCT FROM m.superseded_by
    RETURNING c.superseded_by
  )
  SELECT count(*) FILTER (WHERE p.superseded_by IS NOT NULL)::integer AS replaced,
         count(*) FILTER (WHERE p.superseded_by IS NULL)::integer AS restored
    FROM put p`;
