import { listOf, objectOf, textOf } from '../ask/index.js';
import type { Json } from '../ask/index.js';
import { exactAmount, isNegative } from '../spend/amount.js';
import { Gathering } from '../spend/collect.js';
import { dayOf, isoOf } from '../spend/dataset.js';
import { recordId } from '../spend/record.js';
import type { CostRecord, Normalized } from '../spend/record.js';
import { secondsOf } from './usage.js';

/**
 * Pages of `GET /v1/organization/costs` as `costs` elements: the record that OpenAI bills by.
 *
 * @param nowMs a day that is not over is `estimated`
 */
export function normalizeOpenAiCosts(pagesOfAnswer: readonly Json[], account: string, nowMs: number): Normalized {
  const gathering = new Gathering();
  for (const page of pagesOfAnswer) {
    for (const entry of listOf(page['data'])) {
      const bucket = objectOf(entry);
      const startMs = secondsOf(bucket['start_time']);
      const endMs = secondsOf(bucket['end_time']);
      if (startMs === null || endMs === null) {
        gathering.unreadable('a bucket without start_time and end_time');
        continue;
      }
      for (const row of listOf(bucket['results'] ?? bucket['result'])) {
        const record = costOf(gathering, objectOf(row), { account, startMs, estimated: endMs > nowMs });
        if (record) gathering.add({ section: 'costs', record }, bucket);
      }
    }
  }
  return gathering.result;
}

function costOf(
  gathering: Gathering,
  row: Json,
  { account, startMs, estimated }: { account: string; startMs: number; estimated: boolean },
): CostRecord | null {
  const { value, currency } = objectOf(row['amount']);
  const amount = exactAmount(value);
  const code = textOf(currency)?.toUpperCase();
  if (amount === null || code === undefined || !/^[A-Z]{3}$/.test(code)) {
    gathering.unreadable(`no amount of money: ${String(value).slice(0, 40)} ${String(currency).slice(0, 10)}`);
    return null;
  }
  const lineItem = textOf(row['line_item']);
  const project = textOf(row['project_id']);
  const key = textOf(row['api_key_id']);
  const quantity = exactAmount(row['quantity']);
  const unit = textOf(row['quantity_unit']);
  return {
    date: dayOf(startMs),
    service: 'OpenAI API',
    amount,
    currency: code,
    cloud_provider: 'openai',
    cost_source: 'bill',
    charge_category: isNegative(amount) ? 'credit' : 'usage',
    account_id: account,
    ...(estimated ? { estimated } : {}),
    ...(lineItem === undefined ? {} : { sku: lineItem.slice(0, 256), ...modelOf(lineItem) }),
    ...(project === undefined ? {} : { project_id: project }),
    ...(key === undefined ? {} : { api_key_id: key }),
    ...(quantity === null || unit === undefined ? {} : { usage_quantity: quantity, usage_unit: unit }),
    record_id: recordId('openai', account, 'costs', isoOf(startMs), {
      line_item: lineItem,
      project_id: project,
      api_key_id: key,
      // two currencies of one line are two records
      currency: code,
    }),
  };
}

const TOKEN_TYPES: Readonly<Record<string, string>> = {
  input: 'uncached_input_tokens',
  'cached input': 'cache_read_input_tokens',
  output: 'output_tokens',
};

/** `gpt-4o-2024-08-06, input`: a model and what of it. Other line items name no model. */
function modelOf(lineItem: string): { model_name?: string; token_type?: string } {
  const [, model, what] = /^([^,|]+), ([a-z ]*(?:input|output)[a-z ]*)$/.exec(lineItem) ?? [];
  if (model === undefined || what === undefined) return {};
  const tokenType = TOKEN_TYPES[what];
  return { model_name: model, ...(tokenType === undefined ? {} : { token_type: tokenType }) };
}
