import type { AiUsage, AudioUsage } from './usage.js';

/** Counts as they came over a wire: not trusted, `undefined` or null where the provider does not tell. */
export type WireCount = unknown;

interface Common {
  readonly output: WireCount;
  readonly reasoning?: WireCount;
  readonly batch?: unknown;
  readonly tier?: unknown;
  readonly cacheRead?: WireCount;
  readonly cacheWrite1h?: WireCount;
  readonly audio?: { readonly uncachedInput?: WireCount; readonly cacheRead?: WireCount; readonly output?: WireCount };
}

/**
 * How a source counts its input.
 *
 * `inclusive`: `input` holds everything, also what was read from the cache or written to it (OpenAI, Azure OpenAI,
 * OpenTelemetry `gen_ai.usage.input_tokens`, `/sync`). `uncachedInput` where the source tells that part too.
 * `exclusive`: `uncachedInput` is what is left without the cache (Anthropic, Bedrock with Anthropic models).
 */
export type SourceUsage =
  | (Common & {
      readonly counting: 'inclusive';
      readonly input: WireCount;
      readonly uncachedInput?: WireCount;
      readonly cacheWrite5m?: WireCount;
    })
  | (Common & { readonly counting: 'exclusive'; readonly uncachedInput: WireCount; readonly cacheWrite5m?: WireCount });

export type NormalizedUsage =
  | {
      readonly ok: true;
      readonly usage: AiUsage;
      /** Set when the source contradicts itself without making its parts useless: for a person to see, once. */
      readonly remark: string | null;
    }
  | { readonly ok: false; readonly reason: string };

/**
 * The one way from a source's counts to ours, for every provider.
 *
 * A count that is missing counts as none used, except `output` and the input itself: without those the row says nothing
 * and is refused. Refused too: negative, broken or unsafe (≥ 2^53) counts, a cache larger than the input that holds it.
 */
export function normalizeUsage(source: SourceUsage): NormalizedUsage {
  const reader = new CountReader();
  const output = reader.required('output', source.output);
  const cacheRead = reader.optional('cache read', source.cacheRead) ?? 0;
  const cacheWrite5m = reader.optional('cache write 5m', source.cacheWrite5m) ?? 0;
  const cacheWrite1h = reader.optional('cache write 1h', source.cacheWrite1h) ?? 0;
  const reasoning = reader.optional('reasoning', source.reasoning);
  const toldUncached =
    source.counting === 'exclusive'
      ? reader.required('uncached input', source.uncachedInput)
      : reader.optional('uncached input', source.uncachedInput);
  const toldTotal = source.counting === 'inclusive' ? reader.required('input', source.input) : null;
  const audio = readAudio(reader, source.audio);
  if (reader.faults.length > 0) return { ok: false, reason: reader.faults.join('; ') };

  const cached = cacheRead + cacheWrite5m + cacheWrite1h;
  const uncachedInput = toldUncached ?? (toldTotal ?? 0) - cached;
  const total = uncachedInput + cached;
  if (uncachedInput < 0) {
    return { ok: false, reason: `the cached part (${cached}) is larger than the input that holds it (${toldTotal})` };
  }
  if (!Number.isSafeInteger(total)) return { ok: false, reason: 'the input is larger than a count can be' };
  if (reasoning !== null && reasoning > output) {
    return { ok: false, reason: `the reasoning (${reasoning}) is larger than the output that holds it (${output})` };
  }
  return {
    ok: true,
    usage: {
      uncachedInput,
      cacheRead,
      cacheWrite5m,
      cacheWrite1h,
      output,
      reasoning,
      batch: typeof source.batch === 'boolean' ? source.batch : null,
      tier: typeof source.tier === 'string' && source.tier !== '' ? source.tier : null,
      ...(audio ? { audio } : {}),
    },
    remark:
      toldTotal !== null && toldTotal !== total
        ? `the source says ${toldTotal} input tokens and its parts sum to ${total}; the parts are kept`
        : null,
  };
}

function readAudio(reader: CountReader, audio: Common['audio']): AudioUsage | null {
  if (!audio) return null;
  const uncachedInput = reader.optional('audio input', audio.uncachedInput);
  const cacheRead = reader.optional('cached audio input', audio.cacheRead);
  const output = reader.optional('audio output', audio.output);
  if (uncachedInput === null && cacheRead === null && output === null) return null;
  return { uncachedInput: uncachedInput ?? 0, cacheRead: cacheRead ?? 0, output: output ?? 0 };
}

/** Reads counts and keeps what is wrong with each. */
class CountReader {
  readonly faults: string[] = [];

  required(name: string, value: WireCount): number {
    if (value === undefined || value === null) {
      this.faults.push(`${name} tokens are missing`);
      return 0;
    }
    return this.optional(name, value) ?? 0;
  }

  optional(name: string, value: WireCount): number | null {
    if (value === undefined || value === null) return null;
    // OTLP/JSON writes 64-bit integers as text
    const count = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
    if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) {
      this.faults.push(`${name} tokens are no count: ${String(value).slice(0, 40)}`);
      return null;
    }
    return count;
  }
}
