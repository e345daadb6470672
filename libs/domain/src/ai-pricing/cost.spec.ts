import { normalizeUsage } from '../ai-usage/index.js';
import type { SourceUsage } from '../ai-usage/index.js';
import { aiProvider, contextOf, flatSheet, modelCost, sumDecimals, tierFactor } from './index.js';
import type { ModelPriceSheet, PricedHow } from './index.js';

const usageOf = (source: SourceUsage) => {
  const read = normalizeUsage(source);
  if (!read.ok) throw new Error(read.reason);
  return read.usage;
};
const costOf = (source: SourceUsage, sheet: ModelPriceSheet, how: Partial<PricedHow> = {}) =>
  modelCost(usageOf(source), sheet, { requests: 1, contextTokens: 0, factor: '1', ...how });

const SONNET = flatSheet({ input: '3', cacheRead: '0.3', cacheWrite5m: '3.75', cacheWrite1h: '6', output: '15' });
const GPT_4O = flatSheet({ input: '2.5', cacheRead: '1.25', output: '10' });

describe('what tokens cost', () => {
  it.each<[string, SourceUsage, ModelPriceSheet, string]>([
    // (400 × 2.50 + 800 × 1.25 + 300 × 10) / 1e6
    ['a cache that is read', { counting: 'inclusive', input: 1200, cacheRead: 800, output: 300 }, GPT_4O, '0.005'],
    // (500 × 3 + 18000 × 0.30 + 3000 × 3.75 + 640 × 15) / 1e6
    [
      'a cache that is read and written',
      { counting: 'inclusive', input: 21500, cacheRead: 18000, cacheWrite5m: 3000, output: 640 },
      SONNET,
      '0.02775',
    ],
    // (1500 × 3 + 500 × 3.75 + 1000 × 6 + 200 × 0.30 + 500 × 15) / 1e6
    [
      'a cache of an hour',
      {
        counting: 'exclusive',
        uncachedInput: 1500,
        cacheRead: 200,
        cacheWrite5m: 500,
        cacheWrite1h: 1000,
        output: 500,
      },
      SONNET,
      '0.019935',
    ],
    ['nothing', { counting: 'inclusive', input: 0, output: 0 }, GPT_4O, '0'],
    // 1 × 0.02 / 1e6, which no binary fraction holds
    ['one token', { counting: 'inclusive', input: 1, output: 0 }, flatSheet({ input: '0.02' }), '0.00000002'],
    // 9007199254740991 × 2.50 / 1e6
    [
      'as many as a number holds',
      { counting: 'inclusive', input: Number.MAX_SAFE_INTEGER, output: 0 },
      GPT_4O,
      '22517998136.8524775',
    ],
    // (60 × 2.5 + 40 × 40 + 20 × 10 + 10 × 80) / 1e6
    [
      'audio',
      { counting: 'inclusive', input: 100, output: 30, audio: { uncachedInput: 40, output: 10 } },
      flatSheet({ input: '2.5', output: '10', inputAudio: '40', outputAudio: '80' }),
      '0.00275',
    ],
  ])('%s', (_, source, sheet, cost) => {
    expect(costOf(source, sheet)).toMatchObject({ ok: true, cost });
  });

  it('tells which part of it is which', () => {
    const cost = costOf(
      { counting: 'inclusive', input: 21500, cacheRead: 18000, cacheWrite5m: 3000, output: 640 },
      SONNET,
    );
    // 500 × 3; 18000 × 0.30 + 3000 × 3.75; 640 × 15
    expect(cost).toEqual({ ok: true, cost: '0.02775', input: '0.0015', cached: '0.01665', output: '0.0096' });
  });

  it('takes the price of the part around where a part has none', () => {
    // (10 + 20 + 30 + 40) × 2.50 / 1e6
    const all = {
      counting: 'exclusive',
      uncachedInput: 10,
      cacheRead: 20,
      cacheWrite5m: 30,
      cacheWrite1h: 40,
      output: 0,
    } as const;
    expect(costOf(all, flatSheet({ input: '2.5' }))).toMatchObject({ ok: true, cost: '0.00025' });
  });

  it('is unpriced, never 0, where a price is missing', () => {
    expect(costOf({ counting: 'inclusive', input: 1, output: 1 }, flatSheet({ input: '1' }))).toEqual({
      ok: false,
      reason: 'the price list has no price for output of this model',
    });
  });

  it('takes the tier of the context for the whole request', () => {
    const long = { ...SONNET, input: { base: '3', tiers: [{ start: 200_000, price: '6' }] } };
    const one = { counting: 'inclusive', input: 200_000, output: 0 } as const;
    expect(costOf(one, long, { contextTokens: 200_000 })).toMatchObject({ ok: true, cost: '0.6' });
    expect(costOf(one, long, { contextTokens: 200_001 })).toMatchObject({ ok: true, cost: '1.2' });
  });

  it('halves batches, and knows no price for tiers that are contracts', () => {
    expect(tierFactor('openai', { batch: true, tier: null })).toEqual({ factor: '0.5' });
    expect(tierFactor('openai', { batch: null, tier: 'flex' })).toEqual({ factor: '0.5' });
    expect(tierFactor('anthropic', { batch: false, tier: 'standard' })).toEqual({ factor: '1' });
    expect(tierFactor('anthropic', { batch: null, tier: 'priority' })).toHaveProperty(
      'reason',
      expect.stringContaining('priority of anthropic'),
    );
    expect(tierFactor('acme', { batch: true, tier: null })).toHaveProperty(
      'reason',
      expect.stringContaining('batch interface of acme'),
    );
    expect(costOf({ counting: 'inclusive', input: 1000, output: 0 }, GPT_4O, { factor: '0.5' })).toMatchObject({
      ok: true,
      cost: '0.00125',
    });
  });

  it.each<[number | null, string | null, number]>([
    [1, null, 300_000],
    [2, null, 150_000],
    [null, null, 0],
    [0, null, 0],
    [50, '200k-1M', 200_001],
    [1, '0-200k', 0],
  ])('finds the context of %p requests in the window %p: %p', (requests, window, context) => {
    expect(contextOf(usageOf({ counting: 'inclusive', input: 300_000, output: 0 }), requests, window)).toBe(context);
  });

  it.each([
    ['aws.bedrock', 'aws_bedrock'],
    ['az.ai.openai', 'azure_openai'],
    ['gcp.vertex_ai', 'google_vertex'],
    ['vLLM', 'self_hosted'],
    ['Acme AI', 'acme_ai'],
  ])('calls %s %s', (name, ours) => expect(aiProvider(name)).toBe(ours));

  it('sums without rounding', () => {
    expect(sumDecimals(['0.1', '0.2', '12345678901234567890.000000000000000001'])).toBe(
      '12345678901234567890.300000000000000001',
    );
  });
});
