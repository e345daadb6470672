/**
 * Tokens of one request, or of all requests of a bucket, in the parts that have prices of their own.
 *
 * Every provider tells them differently: OpenAI, Azure and OpenTelemetry count what came from the cache into the input,
 * Anthropic does not. Here the parts never overlap, so the whole input is always their sum (`totalInput`).
 * Counts are whole and not negative; what a provider does not tell is null, and 0 only where it says 0.
 */
export interface AiUsage {
  /** Input tokens that were neither read from a cache nor written to one. */
  readonly uncachedInput: number;
  /** Input tokens read from a prompt cache. */
  readonly cacheRead: number;
  /** Input tokens written to a cache that lives five minutes (or as long as the provider's default cache does). */
  readonly cacheWrite5m: number;
  /** Input tokens written to a cache that lives an hour. */
  readonly cacheWrite1h: number;
  /** Output tokens, those of reasoning among them: they have the same price. */
  readonly output: number;
  /** How many of `output` were reasoning; null where nobody tells. */
  readonly reasoning: number | null;
  /** Whether it ran by the batch interface (half the price in most places); null where nobody tells. */
  readonly batch: boolean | null;
  /** The provider's word for the service tier (default, flex, priority, scale, standard, ...); null where nobody tells. */
  readonly tier: string | null;
  /** What of the counts above was audio, which has prices of its own; absent where nobody tells. */
  readonly audio?: AudioUsage;
}

/** Parts of the counts of an `AiUsage`, not additions to them. */
export interface AudioUsage {
  /** Of `uncachedInput`. */
  readonly uncachedInput: number;
  /** Of `cacheRead`. */
  readonly cacheRead: number;
  /** Of `output`. */
  readonly output: number;
}

/** What is billed as input, whatever its price: the sum of the parts, by definition. */
export function totalInput(usage: AiUsage): number {
  return usage.uncachedInput + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h;
}

/** Two usages of the same batch and tier as one. @throws RangeError when batch or tier differ (a bug in the caller) */
export function addUsage(a: AiUsage, b: AiUsage): AiUsage {
  if (a.batch !== b.batch || a.tier !== b.tier)
    throw new RangeError('usage of two tiers has two prices: keep it apart');
  const audio = a.audio && b.audio ? sumAudio(a.audio, b.audio) : (a.audio ?? b.audio);
  return {
    uncachedInput: a.uncachedInput + b.uncachedInput,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite5m: a.cacheWrite5m + b.cacheWrite5m,
    cacheWrite1h: a.cacheWrite1h + b.cacheWrite1h,
    output: a.output + b.output,
    // half of a sum is not the sum
    reasoning: a.reasoning === null || b.reasoning === null ? null : a.reasoning + b.reasoning,
    batch: a.batch,
    tier: a.tier,
    ...(audio ? { audio } : {}),
  };
}

function sumAudio(a: AudioUsage, b: AudioUsage): AudioUsage {
  return {
    uncachedInput: a.uncachedInput + b.uncachedInput,
    cacheRead: a.cacheRead + b.cacheRead,
    output: a.output + b.output,
  };
}
