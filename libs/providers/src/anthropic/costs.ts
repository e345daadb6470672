import { listOf, objectOf, textOf } from '../ask/index.js';
import type { Json } from '../ask/index.js';
import { exactAmount, isNegative } from '../spend/amount.js';
import { Gathering } from '../spend/collect.js';
import { dayOf, isoOf } from '../spend/dataset.js';
import { recordId } from '../spend/record.js';
import type { CostRecord, Normalized } from '../spend/record.js';
import { momentOf } from './usage.js';

/**
 * Pages of `GET /v1/organizations/cost_report` as `costs` elements: the record that Anthropic bills by, but for the
 * priority tier, which is not in this report (its usage is in the usage report).
 *
 * `amount` is a decimal string in the smallest unit of the currency: "123.78912" is 1.2378912 USD.
 *
 * @param nowMs a day that is not over is `estimated`
 */
export function normalizeAnthropicCosts(pagesOfAnswer: readonly Json[], account: string, nowMs: number): Normalized {
  const gathering = new Gathering();
  for (const page of pagesOfAnswer) {
    for (const entry of listOf(page['data'])) {
      const bucket = objectOf(entry);
      const startMs = momentOf(bucket['starting_at']);
      const endMs = momentOf(bucket['ending_at']);
      if (startMs === null || endMs === null) {
        gathering.unreadable('a bucket without starting_at and ending_at');
        continue;
      }
      for (const row of listOf(bucket['results'])) {
        const record = costOf(gathering, objectOf(row), { account, startMs, estimated: endMs > nowMs });
        if (record) gathering.add({ section: 'costs', record }, bucket);
      }
    }
  }
  return gathering.result;
}

/** Cents: 100 to one unit. A currency without cents is not what this report is written in. */
const CENT = '0.01';

function costOf(
  gathering: Gathering,
  row: Json,
  { account, startMs, estimated }: { account: string; startMs: number; estimated: boolean },
): CostRecord | null {
  const amount = exactAmount(row['amount'], CENT);
  const currency = textOf(row['currency'])?.toUpperCase();
  if (amount === null || currency === undefined || !/^[A-Z]{3}$/.test(currency)) {
    const said = `${String(row['amount']).slice(0, 40)} ${String(row['currency']).slice(0, 10)}`;
    gathering.unreadable(`no amount of money: ${said}`);
    return null;
  }
  const dimensions = {
    workspace_id: textOf(row['workspace_id']),
    description: textOf(row['description']),
    cost_type: textOf(row['cost_type']),
    context_window: textOf(row['context_window']),
    model: textOf(row['model']),
    service_tier: textOf(row['service_tier']),
    token_type: textOf(row['token_type']),
    inference_geo: textOf(row['inference_geo']),
    currency,
  };
  const sku = dimensions.description ?? dimensions.cost_type;
  return {
    date: dayOf(startMs),
    service: 'Claude API',
    amount,
    currency,
    cloud_provider: 'anthropic',
    cost_source: 'bill',
    charge_category: isNegative(amount) ? 'credit' : 'usage',
    account_id: account,
    ...(estimated ? { estimated } : {}),
    ...(sku === undefined ? {} : { sku: sku.slice(0, 256) }),
    ...(dimensions.workspace_id === undefined ? {} : { project_id: dimensions.workspace_id }),
    ...(dimensions.model === undefined ? {} : { model_name: dimensions.model }),
    ...(dimensions.token_type === undefined ? {} : { token_type: tokenTypeOf(dimensions.token_type) }),
    ...(dimensions.service_tier === undefined ? {} : { service_tier: dimensions.service_tier }),
    ...(dimensions.inference_geo === undefined ? {} : { region: dimensions.inference_geo }),
    record_id: recordId('anthropic', account, 'costs', isoOf(startMs), dimensions),
  };
}

/** `cache_creation.ephemeral_5m_input_tokens` as `cache_write_5m_input_tokens`; the others are called as we call them. */
function tokenTypeOf(told: string): string {
  const [, ttl] = /^cache_creation\.ephemeral_(5m|1h)_input_tokens$/.exec(told) ?? [];
  return ttl === undefined ? told.slice(0, 64) : `cache_write_${ttl}_input_tokens`;
}
