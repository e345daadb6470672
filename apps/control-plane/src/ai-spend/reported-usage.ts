import { momentOf } from '@flotilla/contracts';
import type { AiSpendElement } from '@flotilla/contracts';
import { aiProvider, normalizeUsage } from '@flotilla/domain';
import type { UsageRecord } from './usage-record.js';

/** An element of a /sync body, or of the stream, as usage. */
export function reportedUsage(element: AiSpendElement): UsageRecord | { readonly refused: string } {
  const at = momentOf(element.timestamp);
  const hasTokens = TOKENS.some((field) => element[field] !== undefined);
  const read = hasTokens ? normalizeUsage(countsOf(element)) : null;
  if (read && !read.ok) return { refused: read.reason };
  if (element.cost?.startsWith('-'))
    return { refused: 'cost: is negative; usage costs nothing or more, credits are costs' };
  if (element.usage_quantity?.startsWith('-')) return { refused: 'usage_quantity: is negative' };
  const { record_id: recordId, usage_source: _, ...rest } = element;
  return {
    identity: recordId === undefined ? `sync\n${JSON.stringify(rest)}` : `sync-id\n${recordId}`,
    at,
    until: element.period_end === undefined ? at : momentOf(element.period_end),
    of: {
      source: element.usage_source === 'provider_api' ? 'provider_api' : 'sync',
      provider: aiProvider(element.provider),
      model: element.model_name,
      spendType: spendTypeOf(element.spend_type),
      workloadRef: element.workload_id ?? null,
      projectId: element.project_id ?? null,
      teamId: element.team_id ?? null,
      costCenter: element.cost_center ?? null,
      businessUnit: element.business_unit ?? null,
      runId: element.run_id ?? null,
      contextWindow: element.context_window ?? null,
      usageUnit: element.usage_quantity === undefined ? null : (element.usage_unit ?? 'units'),
    },
    usage: read?.ok ? read.usage : null,
    // a moment is one request; how many a bucket has, only its source knows
    requests: element.requests ?? (element.period_end === undefined ? 1 : null),
    errors: 0,
    quantity: element.usage_quantity ?? null,
    told:
      element.cost === undefined
        ? null
        : {
            cost: element.cost,
            currency: element.currency ?? null,
            by: element.cost_source === 'provider' ? 'provider' : 'reported',
          },
    servedBy: element.instance_id === undefined ? [] : [element.instance_id],
    traceId: null,
  };
}

const TOKENS = ['input_tokens', 'output_tokens', 'cached_input_tokens'] as const;

const countsOf = (element: AiSpendElement) =>
  ({
    counting: 'inclusive',
    // what uses only one of the two (embeddings, speech) need not say that the other is none
    input: element.input_tokens ?? (element.cached_input_tokens === undefined ? 0 : undefined),
    output: element.output_tokens ?? 0,
    cacheRead: element.cached_input_tokens,
    cacheWrite5m: element.cache_write_5m_input_tokens,
    cacheWrite1h: element.cache_write_1h_input_tokens,
    reasoning: element.reasoning_tokens,
    batch: element.batch,
    tier: element.service_tier,
    audio: {
      uncachedInput: element.input_audio_tokens,
      cacheRead: element.cached_input_audio_tokens,
      output: element.output_audio_tokens,
    },
  }) as const;

/** Providers' words for kinds of use, as ours. */
const SPEND_TYPES: Readonly<Record<string, string>> = {
  completions: 'inference',
  completion: 'inference',
  chat: 'inference',
  messages: 'inference',
  text_completion: 'inference',
  generate_content: 'inference',
  embeddings: 'embedding',
  'fine-tuning': 'fine_tuning',
  finetuning: 'fine_tuning',
};

export function spendTypeOf(word: string | undefined): string {
  if (word === undefined) return 'inference';
  const lower = word.trim().toLowerCase();
  return SPEND_TYPES[lower] ?? (lower.replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '') || 'other');
}
