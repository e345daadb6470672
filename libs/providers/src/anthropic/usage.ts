import { normalizeUsage } from '@flotilla/domain';
import { listOf, objectOf, textOf } from '../ask/index.js';
import type { Json } from '../ask/index.js';
import { Gathering } from '../spend/collect.js';
import { isoOf } from '../spend/dataset.js';
import { recordId, tokenFields } from '../spend/record.js';
import type { AiSpendRecord, Normalized } from '../spend/record.js';

/** What the usage report is grouped by; account_id is left out, it would multiply the rows. */
export const USAGE_GROUPS = [
  'workspace_id',
  'api_key_id',
  'model',
  'service_tier',
  'context_window',
  'inference_geo',
] as const;

/**
 * Pages of `GET /v1/organizations/usage_report/messages` as `ai_spend` elements.
 *
 * `uncached_input_tokens` leaves the cache out: all input is the sum of it, what was read from the cache and what was
 * written to it for 5 minutes and for an hour. Requests are not told. Web searches, billed by the call, are a record of
 * their own. The default workspace and the Workbench have no id.
 */
export function normalizeAnthropicUsage(pagesOfAnswer: readonly Json[], account: string): Normalized {
  const gathering = new Gathering();
  for (const page of pagesOfAnswer) {
    for (const entry of listOf(page['data'])) {
      const bucket = objectOf(entry);
      const startMs = momentOf(bucket['starting_at']);
      const endMs = momentOf(bucket['ending_at']);
      if (startMs === null || endMs === null || endMs <= startMs) {
        gathering.unreadable('a bucket without starting_at and ending_at');
        continue;
      }
      for (const row of listOf(bucket['results'])) addRow(gathering, bucket, account, [startMs, endMs], objectOf(row));
    }
  }
  return gathering.result;
}

function addRow(
  gathering: Gathering,
  bucket: object,
  account: string,
  [startMs, endMs]: readonly [number, number],
  row: Json,
): void {
  const tier = textOf(row['service_tier']);
  const creation = objectOf(row['cache_creation']);
  const normalized = normalizeUsage({
    counting: 'exclusive',
    uncachedInput: row['uncached_input_tokens'],
    cacheRead: row['cache_read_input_tokens'],
    cacheWrite5m: creation['ephemeral_5m_input_tokens'],
    cacheWrite1h: creation['ephemeral_1h_input_tokens'],
    output: row['output_tokens'],
    ...(tier === undefined ? {} : { tier, batch: tier === 'batch' }),
  });
  if (!normalized.ok) return gathering.unreadable(normalized.reason);

  const workspace = textOf(row['workspace_id']);
  const key = textOf(row['api_key_id']);
  const geo = textOf(row['inference_geo']);
  const context = textOf(row['context_window']);
  const dimensions = {
    ...Object.fromEntries(USAGE_GROUPS.map((name) => [name, textOf(row[name])])),
    speed: textOf(row['speed']),
    width: String((endMs - startMs) / 1000),
  };
  const common = {
    timestamp: isoOf(startMs),
    period_end: isoOf(endMs),
    provider: 'anthropic',
    model_name: textOf(row['model']) ?? 'unknown',
    account_id: account,
    ...(workspace === undefined ? {} : { project_id: workspace }),
    ...(key === undefined ? {} : { api_key_id: key }),
    ...(geo === undefined ? {} : { region: geo }),
    ...(context === undefined ? {} : { context_window: context }),
  };
  const record: AiSpendRecord = {
    ...common,
    spend_type: 'completions',
    ...tokenFields(normalized.usage),
    record_id: recordId('anthropic', account, 'messages', isoOf(startMs), dimensions),
  };
  gathering.add({ section: 'ai_spend', record }, bucket);

  const searches = objectOf(row['server_tool_use'])['web_search_requests'];
  if (!Number.isSafeInteger(searches) || (searches as number) <= 0) return;
  const search: AiSpendRecord = {
    ...common,
    spend_type: 'web_search_calls',
    usage_quantity: String(searches),
    usage_unit: 'calls',
    record_id: recordId('anthropic', account, 'web_search', isoOf(startMs), dimensions),
  };
  gathering.add({ section: 'ai_spend', record: search }, bucket);
}

/** RFC 3339 as Unix milliseconds, or null. */
export function momentOf(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return null;
  const ms = Date.parse(value);
  return Number.isFinite(ms) ? ms : null;
}
