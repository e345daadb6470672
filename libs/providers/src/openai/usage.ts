import { normalizeUsage } from '@flotilla/domain';
import { listOf, objectOf, textOf } from '../ask/index.js';
import type { Json } from '../ask/index.js';
import { exactAmount } from '../spend/amount.js';
import { Gathering } from '../spend/collect.js';
import { isoOf } from '../spend/dataset.js';
import { recordId, tokenFields } from '../spend/record.js';
import type { AiSpendRecord, Normalized } from '../spend/record.js';

/** The data sets below /v1/organization/usage. */
export const OPENAI_USAGES = [
  'completions',
  'embeddings',
  'moderations',
  'images',
  'audio_speeches',
  'audio_transcriptions',
  'vector_stores',
  'code_interpreter_sessions',
  'file_search_calls',
  'web_search_calls',
] as const;
export type OpenAiUsage = (typeof OPENAI_USAGES)[number];

/** What each can be grouped by, less user_id: who asked is not what it cost, and it would multiply the rows. */
export const GROUPS: Readonly<Record<OpenAiUsage, readonly string[]>> = {
  completions: ['project_id', 'api_key_id', 'model', 'batch', 'service_tier'],
  embeddings: ['project_id', 'api_key_id', 'model'],
  moderations: ['project_id', 'api_key_id', 'model'],
  images: ['project_id', 'api_key_id', 'model', 'size', 'source'],
  audio_speeches: ['project_id', 'api_key_id', 'model'],
  audio_transcriptions: ['project_id', 'api_key_id', 'model'],
  vector_stores: ['project_id'],
  code_interpreter_sessions: ['project_id'],
  file_search_calls: ['project_id', 'api_key_id', 'vector_store_id'],
  web_search_calls: ['project_id', 'api_key_id', 'model', 'context_level'],
};

/** What is counted in something else than tokens: the field, and our word for its unit. */
const QUANTITIES: Readonly<Partial<Record<OpenAiUsage, readonly [field: string, unit: string]>>> = {
  images: ['images', 'images'],
  audio_speeches: ['characters', 'characters'],
  audio_transcriptions: ['seconds', 'seconds'],
  vector_stores: ['usage_bytes', 'bytes'],
  code_interpreter_sessions: ['num_sessions', 'sessions'],
  file_search_calls: ['num_requests', 'calls'],
  web_search_calls: ['num_requests', 'calls'],
};

/** Bytes of a vector store are billed as storage and arrive in fractions of nothing: they have no requests. */
const IN_TOKENS: ReadonlySet<OpenAiUsage> = new Set(['completions', 'embeddings', 'moderations']);

/**
 * Pages of `GET /v1/organization/usage/<usage>` as `ai_spend` elements.
 *
 * `input_tokens` counts the cached tokens in; where the 2026 fields split it, the split is believed.
 *
 * @param account goes into the identity of each record: two organisations must not share one
 */
export function normalizeOpenAiUsage(usage: OpenAiUsage, pagesOfAnswer: readonly Json[], account: string): Normalized {
  const gathering = new Gathering();
  for (const page of pagesOfAnswer) {
    for (const entry of listOf(page['data'])) {
      const bucket = objectOf(entry);
      const startMs = secondsOf(bucket['start_time']);
      const endMs = secondsOf(bucket['end_time']);
      if (startMs === null || endMs === null || endMs <= startMs) {
        gathering.unreadable('a bucket without start_time and end_time');
        continue;
      }
      // `result` is what the API called it before it was released
      for (const row of listOf(bucket['results'] ?? bucket['result'])) {
        addRow(gathering, bucket, { usage, account, startMs, endMs, row: objectOf(row) });
      }
    }
  }
  return gathering.result;
}

interface Row {
  readonly usage: OpenAiUsage;
  readonly account: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly row: Json;
}

function addRow(gathering: Gathering, bucket: object, { usage, account, startMs, endMs, row }: Row): void {
  const measured = IN_TOKENS.has(usage) ? tokensOf(gathering, usage, row) : quantityOf(gathering, usage, row);
  if (!measured) return;
  const requests = countOf(row['num_model_requests'] ?? row['num_requests'] ?? row['num_sessions']);
  const project = textOf(row['project_id']);
  const key = textOf(row['api_key_id']);
  const kind = kindOf(usage, row);
  const dimensions = Object.fromEntries(GROUPS[usage].map((name) => [name, dimension(row[name])]));
  const record: AiSpendRecord = {
    timestamp: isoOf(startMs),
    period_end: isoOf(endMs),
    provider: 'openai',
    model_name: textOf(row['model']) ?? (GROUPS[usage].includes('model') ? 'unknown' : usage),
    spend_type: kind,
    account_id: account,
    ...(project === undefined ? {} : { project_id: project }),
    ...(key === undefined ? {} : { api_key_id: key }),
    ...(requests === null ? {} : { requests }),
    ...measured,
    record_id: recordId('openai', account, `usage/${usage}`, isoOf(startMs), {
      ...dimensions,
      width: String((endMs - startMs) / 1000),
    }),
  };
  gathering.add({ section: 'ai_spend', record }, bucket);
}

function tokensOf(gathering: Gathering, usage: OpenAiUsage, row: Json): Partial<AiSpendRecord> | null {
  const normalized = normalizeUsage({
    counting: 'inclusive',
    input: row['input_tokens'],
    uncachedInput: row['input_uncached_tokens'],
    cacheRead: row['input_cached_tokens'],
    cacheWrite5m: row['input_cache_write_tokens'],
    // embeddings and moderations have no output, and say nothing about it
    output: row['output_tokens'] ?? (usage === 'completions' ? undefined : 0),
    batch: row['batch'],
    tier: row['service_tier'],
    audio: {
      uncachedInput: row['input_audio_tokens'],
      cacheRead: row['input_cached_audio_tokens'],
      output: row['output_audio_tokens'],
    },
  });
  if (!normalized.ok) {
    gathering.unreadable(normalized.reason);
    return null;
  }
  if (normalized.remark) gathering.remark(normalized.remark);
  return tokenFields(normalized.usage);
}

function quantityOf(gathering: Gathering, usage: OpenAiUsage, row: Json): Partial<AiSpendRecord> | null {
  const [field, unit] = QUANTITIES[usage] ?? ['', ''];
  const quantity = exactAmount(row[field]);
  if (quantity === null || quantity.startsWith('-')) {
    gathering.unreadable(`${field} of ${usage} is no quantity: ${String(row[field]).slice(0, 40)}`);
    return null;
  }
  return { usage_quantity: quantity, usage_unit: unit };
}

/** Images differ in price by what made them and by their size, so these are told in the kind. */
function kindOf(usage: OpenAiUsage, row: Json): string {
  const more = [row['source'], row['size'], row['context_level']].map(textOf).filter((text) => text !== undefined);
  return [usage, ...more].join('/').slice(0, 64);
}

const dimension = (value: unknown) => (typeof value === 'boolean' ? value : textOf(value));

const countOf = (value: unknown) => (Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null);

/** Unix seconds as milliseconds; null for what is no time between 2001 and 5138. */
export function secondsOf(value: unknown): number | null {
  return typeof value === 'number' && value >= 1e9 && value <= 1e11 ? value * 1000 : null;
}
