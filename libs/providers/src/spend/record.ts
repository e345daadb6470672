import { createHash } from 'node:crypto';
import type { AiSpendElement, CostElement } from '@flotilla/contracts';
import { totalInput } from '@flotilla/domain';
import type { AiUsage } from '@flotilla/domain';

/** A `costs` element whose identity is ours: the same charge always has the same record_id. */
export type CostRecord = CostElement & { readonly record_id: string };

/** An `ai_spend` element whose identity is ours. */
export type AiSpendRecord = AiSpendElement & { readonly record_id: string };

export type SpendRecord =
  | { readonly section: 'costs'; readonly record: CostRecord }
  | { readonly section: 'ai_spend'; readonly record: AiSpendRecord };

/** What an answer became. */
export interface Normalized {
  readonly records: readonly SpendRecord[];
  /** Rows that could not be read, and contradictions in those that could: sentences, each once, at most ten. */
  readonly remarks: readonly string[];
  /** Rows that could not be read. */
  readonly unreadable: number;
}

const DIMENSIONS_DIGITS = 16;

/**
 * The identity of a record: source, account, data set, start of its period, and everything that it was grouped by. The
 * same bucket read again has the same identity, so what was stored is corrected and never doubled.
 */
export function recordId(
  source: string,
  account: string,
  dataset: string,
  start: string,
  dimensions: Readonly<Record<string, string | boolean | null | undefined>>,
): string {
  const sorted = Object.entries(dimensions)
    .filter(([, value]) => value !== undefined && value !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, DIMENSIONS_DIGITS);
  return `${source}:${account}:${dataset}:${start}:${hash}`;
}

/** The token fields of an `ai_spend` element. */
export function tokenFields(usage: AiUsage): Partial<AiSpendElement> {
  const { cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning, batch, tier, audio } = usage;
  return {
    input_tokens: totalInput(usage),
    cached_input_tokens: cacheRead,
    cache_write_5m_input_tokens: cacheWrite5m,
    cache_write_1h_input_tokens: cacheWrite1h,
    output_tokens: output,
    ...(reasoning === null ? {} : { reasoning_tokens: reasoning }),
    ...(batch === null ? {} : { batch }),
    ...(tier === null ? {} : { service_tier: tier }),
    ...(audio
      ? {
          input_audio_tokens: audio.uncachedInput,
          cached_input_audio_tokens: audio.cacheRead,
          output_audio_tokens: audio.output,
        }
      : {}),
  };
}

/** A record that takes back one that its provider does not list any more: the same identity, nothing spent. */
export function withdrawn({ section, record }: SpendRecord): SpendRecord {
  if (section === 'costs') {
    const { effective_amount, list_amount, contracted_amount, usage_quantity, ...rest } = record;
    return {
      section,
      record: {
        ...rest,
        amount: '0',
        ...(effective_amount === undefined ? {} : { effective_amount: '0' }),
        ...(list_amount === undefined ? {} : { list_amount: '0' }),
        ...(contracted_amount === undefined ? {} : { contracted_amount: '0' }),
        ...(usage_quantity === undefined ? {} : { usage_quantity: '0' }),
      },
    };
  }
  const zeroed = Object.entries(record).map(([field, value]) => {
    if (typeof value === 'number') return [field, 0] as const;
    return [field, field === 'usage_quantity' || field === 'cost' ? '0' : value] as const;
  });
  return { section, record: Object.fromEntries(zeroed) as AiSpendRecord };
}
