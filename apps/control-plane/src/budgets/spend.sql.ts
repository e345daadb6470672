import { COUNTED_USAGE, COUNTED_USAGE_VALUES } from '../ai-spend/index.js';
import { RATE } from '../costs/index.js';

/** Tags that usage of AI models is told with too. A value is compared letter by letter. */
const USAGE_TAGS = {
  team: 'team_id',
  project: 'project_id',
  project_id: 'project_id',
  cost_center: 'cost_center',
  business_unit: 'business_unit',
} as const;
export const isUsageTag = (key: string | null): boolean => key !== null && Object.hasOwn(USAGE_TAGS, key);

/** Whose AI service a charge is of, by provider and service; NULL: of none. Clouds bill theirs among everything else. */
const AI_PROVIDER = `
  CASE WHEN s.provider = 'aws' THEN CASE WHEN s.service ~* 'bedrock' THEN 'aws_bedrock' END
       WHEN s.provider = 'azure' THEN CASE WHEN s.service ~* '(openai|cognitive|foundry)' THEN 'azure_openai' END
       WHEN s.provider = 'gcp' THEN CASE WHEN s.service ~* '(vertex|gemini|generative)' THEN 'google_vertex' END
       WHEN s.provider NOT IN ('oci', 'lambda', 'on_prem', 'other') THEN s.provider END`;
/** The cloud that bills an AI provider's usage. */
const HOST = `CASE u.provider WHEN 'aws_bedrock' THEN 'aws' WHEN 'azure_openai' THEN 'azure' WHEN 'google_vertex' THEN 'gcp' ELSE u.provider END`;

const SUMS = 'sum(c.billed) AS billed, sum(c.effective) AS effective, sum(c.unconverted) AS unconverted';
const ofCharges = (from: string, on: string, provider = 'd.provider') => `
  SELECT b.*, d.day, ${provider} AS provider, CASE b.cost_type WHEN 'effective' THEN d.effective ELSE d.billed END AS worth,
         d.unconverted, 0::numeric AS unpriced, false AS by_usage
    FROM ${from} d JOIN b ON ${on}`;
const ofUsage = (from: string, on: string) => `
  SELECT b.*, u.day, u.provider, u.worth, u.unconverted, u.unpriced, true FROM ${from} u JOIN b ON ${on}`;
const USAGE = 'sum(u.worth) AS worth, sum(u.unconverted) AS unconverted, sum(u.unpriced) AS unpriced';
const MODEL_FITS = (model: string) =>
  `CASE WHEN b.model_prefix THEN starts_with(${model}, b.model_name) ELSE ${model} = b.model_name END`;

const WITHOUT_USAGE = ['service', 'account', 'instance'] as const;
/** Which columns the sums over charges are grouped by, for each scope, and the bits that `grouping` answers. */
const GROUPED = { all: 0b111, provider: 0b111, service: 0b011, account: 0b101, instance: 0b110 } as const;

const BRANCHES: Readonly<Record<string, readonly string[]>> = {
  all: [
    ofCharges('by_dimension', `b.scope = 'all' AND d.g = ${GROUPED.all}`),
    ofUsage(
      'used_days',
      `b.scope = 'all' AND NOT EXISTS (SELECT FROM billed_days x WHERE x.day = u.day AND x.ai = u.provider)`,
    ),
  ],
  provider: [
    ofCharges('by_dimension', `b.scope = 'provider' AND d.g = ${GROUPED.provider} AND d.provider = b.scope_value`),
    ofCharges('ai_charges', `b.scope = 'provider' AND d.ai = b.scope_value AND d.provider <> b.scope_value`),
    ofUsage(
      'used_days',
      `b.scope = 'provider' AND b.scope_value IN (u.provider, ${HOST})
      AND NOT EXISTS (SELECT FROM billed_days x WHERE x.day = u.day AND x.ai = u.provider)`,
    ),
  ],
  ...Object.fromEntries(
    WITHOUT_USAGE.map((scope) => [
      scope,
      [ofCharges('by_dimension', `b.scope = '${scope}' AND d.g = ${GROUPED[scope]} AND d.${scope} = b.scope_value`)],
    ]),
  ),
  tag: [
    ofCharges('by_tag', `b.scope IN ('team', 'tag') AND d.key = b.scope_key AND d.value = b.scope_value`),
    ofUsage(
      'used_tags',
      `b.scope IN ('team', 'tag') AND u.key = b.scope_key AND u.value = b.scope_value
      AND NOT EXISTS (SELECT FROM billed_tags x WHERE x.day = u.day AND x.ai = u.provider AND x.key = u.key AND x.value = u.value)`,
    ),
  ],
  model: [
    ofCharges('ai_charges', `b.scope = 'model' AND d.ai = b.model_provider AND ${MODEL_FITS('d.model')}`, 'd.ai'),
    ofUsage(
      'used_models',
      `b.scope = 'model' AND u.provider = b.model_provider AND ${MODEL_FITS('u.model')}
      AND NOT EXISTS (SELECT FROM ai_charges x WHERE x.day = u.day AND x.ai = u.provider AND x.is_usage AND ${MODEL_FITS('x.model')})`,
    ),
  ],
};

/**
 * The cost by day of many budgets, in one pass over the charges from `$2` on and one over the usage: first added up by what
 * scopes ask for, then joined with the budgets that ask for it, so that a thousand budgets cost little more than one.
 *
 * Usage of AI models counts on a day of a provider on which no charge of the budget tells of it: a bill and the usage
 * that it is for are never added up.
 *
 * Parameters: tenant, first day, and the budgets as JSON; with usage those of `everythingOf`, and then the budgets.
 *
 * @param scopes those of the budgets, `tag` also for teams; others are not computed
 * @param withUsage whether any of them is one that usage may count for
 */
export function spendSql(scopes: ReadonlySet<string>, withUsage: boolean): string {
  const branches = [...scopes]
    .flatMap((scope) => BRANCHES[scope]!)
    .filter((sql) => withUsage || !/\b(used_\w+|ai_charges)\b/.test(sql));
  const sets = [
    ...new Set([...scopes].flatMap((scope) => (scope === 'tag' || scope === 'model' ? [] : [SETS[scope]!]))),
  ];
  return `
  WITH b AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($${withUsage ? COUNTED_USAGE_VALUES + 1 : 3}::jsonb) AS b(id bigint, scope text, scope_key text, scope_value text, currency text,
      cost_type text, first date, last date, model_provider text, model_name text, model_prefix boolean)
  ), charges AS MATERIALIZED (
    SELECT c.charge_day AS day, c.provider, c.service, coalesce(c.sub_account_id, c.billing_account_id) AS account,
           c.instance_id::text AS instance, c.tags, c.sku_id, c.charge_category = 'Usage' AS is_usage,
           c.billed_cost * r.rate AS billed, c.effective_cost * r.rate AS effective, (r.rate IS NULL)::integer AS unconverted
      FROM flotilla.costs c JOIN flotilla.tenants t ON t.tenant_id = c.tenant_id
     CROSS JOIN LATERAL (SELECT ${RATE} AS rate OFFSET 0) r
     WHERE c.tenant_id = $1 AND c.superseded_by IS NULL AND c.charge_day >= $2::date
  )${sets.length === 0 ? '' : `, ${byDimension(sets)}`}${scopes.has('tag') ? `, ${BY_TAG}` : ''}${withUsage ? `, ${USED}` : ''}, matched AS (
    ${branches.join(' UNION ALL ')}
  ), daily AS (
    SELECT m.id, m.provider, m.day, m.day >= m.first AND m.day <= m.last AS counted, sum(m.unconverted) AS unconverted,
           sum(m.unpriced) AS unpriced, bool_or(m.by_usage) AS by_usage, count(*) FILTER (WHERE v.worth IS NULL AND m.worth IS NOT NULL) AS without_rate,
           coalesce(sum(v.worth), 0) AS worth, coalesce(sum(v.worth) FILTER (WHERE m.by_usage), 0) AS usage_worth
      FROM matched m CROSS JOIN flotilla.tenants t
     CROSS JOIN LATERAL (SELECT CASE WHEN m.currency = t.currency THEN m.worth
       ELSE m.worth / flotilla.currency_rate(t.tenant_id, m.currency::char(3), t.currency, m.day) END AS worth OFFSET 0) v
     WHERE t.tenant_id = $1 GROUP BY m.id, m.provider, m.day, m.first, m.last
  )
  SELECT d.id, d.provider, trim_scale(coalesce(sum(d.worth) FILTER (WHERE d.counted), 0))::text AS actual,
         trim_scale(coalesce(sum(d.usage_worth) FILTER (WHERE d.counted), 0))::text AS by_usage,
         coalesce(sum(d.unconverted + d.without_rate) FILTER (WHERE d.counted), 0)::bigint AS unconverted,
         coalesce(sum(d.unpriced) FILTER (WHERE d.counted), 0)::bigint AS unpriced,
         json_agg(json_build_array(d.day, d.worth::float8, d.by_usage::integer)) AS days
    FROM daily d GROUP BY d.id, d.provider`;
}

const SETS: Readonly<Record<string, string>> = {
  all: '(c.day, c.provider)',
  provider: '(c.day, c.provider)',
  service: '(c.day, c.provider, c.service)',
  account: '(c.day, c.provider, c.account)',
  instance: '(c.day, c.provider, c.instance)',
};

/** `grouping` must name columns that are grouped by: those that no budget asks for are grouped by in no set. */
function byDimension(sets: readonly string[]): string {
  const has = (column: string) => sets.some((set) => set.includes(`c.${column}`));
  const bit = (column: string, value: number) => (has(column) ? `grouping(c.${column}) * ${value}` : `${value}`);
  const column = (name: string) => (has(name) ? `c.${name}` : `NULL::text AS ${name}`);
  return `by_dimension AS MATERIALIZED (
    SELECT ${bit('service', 4)} + ${bit('account', 2)} + ${bit('instance', 1)} AS g, c.day, c.provider, ${column('service')},
           ${column('account')}, ${column('instance')}, ${SUMS}
      FROM charges c GROUP BY GROUPING SETS (${sets.join(', ')}))`;
}

const BY_TAG = `by_tag AS MATERIALIZED (
    SELECT c.day, c.provider, k.key, c.tags ->> k.key AS value, ${SUMS}
      FROM charges c JOIN (SELECT DISTINCT b.scope_key AS key FROM b WHERE b.scope_key IS NOT NULL) k ON c.tags ? k.key
     GROUP BY 1, 2, 3, 4)`;

const USED = `ai_services AS MATERIALIZED (
    SELECT s.provider, s.service, ${AI_PROVIDER} AS ai FROM (SELECT DISTINCT c.provider, c.service FROM charges c) s
  ), ai_charges AS MATERIALIZED (
    SELECT c.day, c.provider, s.ai, c.tags, c.is_usage, c.billed, c.effective, c.unconverted::bigint AS unconverted,
           CASE WHEN c.sku_id ~ '^.+/[^/]*/[^/]*$' THEN regexp_replace(c.sku_id, '/[^/]*/[^/]*$', '') END AS model
      FROM charges c JOIN ai_services s ON s.provider = c.provider AND s.service = c.service AND s.ai IS NOT NULL
  ), billed_days AS MATERIALIZED (SELECT DISTINCT x.day, x.ai FROM ai_charges x WHERE x.is_usage
  ), billed_tags AS MATERIALIZED (
    SELECT DISTINCT x.day, x.ai, k.key, x.tags ->> k.key AS value
      FROM ai_charges x JOIN (SELECT DISTINCT b.scope_key AS key FROM b WHERE b.scope_key IS NOT NULL) k ON x.tags ? k.key WHERE x.is_usage
  ), used AS MATERIALIZED (${COUNTED_USAGE}
  ), used_days AS MATERIALIZED (SELECT u.day, u.provider, ${USAGE} FROM used u GROUP BY 1, 2
  ), used_models AS MATERIALIZED (SELECT u.day, u.provider, u.model, ${USAGE} FROM used u GROUP BY 1, 2, 3
  ), used_tags AS MATERIALIZED (
    SELECT u.day, u.provider, k.key, k.value, ${USAGE}
      FROM used u CROSS JOIN LATERAL (VALUES ${Object.entries(USAGE_TAGS)
        .map(([key, column]) => `('${key}', u.${column})`)
        .join(', ')}) k (key, value)
     WHERE k.value IS NOT NULL AND k.key IN (SELECT b.scope_key FROM b) GROUP BY 1, 2, 3, 4)`;
