import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelCost, normalizeUsage } from '@flotilla/domain';
import type { AiUsage } from '@flotilla/domain';
import { listedModel, MODEL_LIST } from './model-list.js';
import { ListCache, PriceBook } from './price-book.js';
import type { ModelOverride } from './price-book.js';

const AT = new Date('2026-03-04T10:00:00Z');
const USUAL = { batch: null, tier: null };
const override = (more: Partial<ModelOverride>): ModelOverride => ({
  id: 1,
  provider: 'openai',
  model_name: 'gpt-4o',
  service_tier: null,
  batch: null,
  input_cost: '2',
  output_cost: '8',
  cache_read_cost: null,
  cache_write_5m_cost: null,
  cache_write_1h_cost: null,
  input_audio_cost: null,
  output_audio_cost: null,
  request_cost: null,
  usage_unit: null,
  unit_cost: null,
  spend_type: null,
  currency: 'EUR',
  valid_from: '2026-03-01',
  valid_to: '2026-03-31',
  ...more,
});
const bookOf = (...overrides: ModelOverride[]) => new PriceBook(overrides, new ListCache());
const usage: AiUsage = (() => {
  const read = normalizeUsage({ counting: 'inclusive', input: 1_000_000, output: 0 });
  if (!read.ok) throw new Error(read.reason);
  return read.usage;
})();
const perMillion = (
  book: PriceBook,
  provider: string,
  model: string,
  at = AT,
  how: Pick<AiUsage, 'batch' | 'tier'> = USUAL,
) => {
  const price = book.find(provider, model, at, how);
  if (!price.ok) return price.reason;
  const cost = modelCost(usage, price.sheet, { requests: 1, contextTokens: 0, factor: price.factor });
  return cost.ok ? `${cost.cost} ${price.currency} by ${price.source}` : cost.reason;
};

describe('the public list', () => {
  it('is the version that it says', () => {
    const file = join(process.cwd(), 'node_modules', '@pydantic', 'genai-prices', 'package.json');
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
    expect(MODEL_LIST).toBe(`genai-prices@${version}`);
  });

  it.each([
    ['openai', 'gpt-4o-2024-11-20', '2.5'],
    ['azure_openai', 'gpt-4o', '2.5'],
    ['anthropic', 'claude-sonnet-4-5-20250929', '3'],
    ['aws_bedrock', 'anthropic.claude-sonnet-4-20250514-v1:0', '3'],
    ['aws_bedrock', 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-20250514-v1:0', '3'],
    ['google_vertex', 'gemini-2.5-pro', '1.25'],
  ])('knows %s %s', (provider, model, input) => {
    expect(perMillion(bookOf(), provider, model)).toBe(`${input} USD by ${MODEL_LIST}`);
  });

  it.each([
    ['acme', 'gpt-4o'],
    ['self_hosted', 'gpt-4o'],
    ['openai', 'mystery-1'],
  ])('knows nothing of %s %s: a name alone is no price', (provider, model) => {
    expect(listedModel(provider, model, AT)).toBeNull();
  });

  it('has prices that change within the day, which are not remembered for all of it', () => {
    const lists = new ListCache();
    const night = lists.find('deepseek', 'deepseek-chat', new Date('2025-06-01T20:00:00Z'));
    const day = lists.find('deepseek', 'deepseek-chat', new Date('2025-06-01T10:00:00Z'));
    expect(night?.changesWithinDay).toBe(true);
    expect(night?.sheet.input?.base).not.toBe(day?.sheet.input?.base);
  });
});

describe("a tenant's own price", () => {
  it('holds on its days, the last one included, and the list on all others', () => {
    const book = bookOf(override({}));
    expect(perMillion(book, 'openai', 'gpt-4o', new Date('2026-02-28T23:59:59.999Z'))).toContain(MODEL_LIST);
    expect(perMillion(book, 'openai', 'gpt-4o', new Date('2026-03-01T00:00:00Z'))).toBe('2 EUR by price:1');
    expect(perMillion(book, 'openai', 'gpt-4o', new Date('2026-03-31T23:59:59.999Z'))).toBe('2 EUR by price:1');
    expect(perMillion(book, 'openai', 'gpt-4o', new Date('2026-04-01T00:00:00Z'))).toContain(MODEL_LIST);
  });

  it('of the exact model goes before a pattern, the longer pattern before the shorter', () => {
    const book = bookOf(
      override({ id: 1, model_name: '*', input_cost: '1' }),
      override({ id: 2, model_name: 'gpt-4o*', input_cost: '2' }),
      override({ id: 3, model_name: 'gpt-4o-mini', input_cost: '3' }),
    );
    expect(perMillion(book, 'openai', 'gpt-5')).toBe('1 EUR by price:1');
    expect(perMillion(book, 'openai', 'gpt-4o-2024-11-20')).toBe('2 EUR by price:2');
    expect(perMillion(book, 'openai', 'gpt-4o-mini')).toBe('3 EUR by price:3');
  });

  it('of a tier is the whole price of it, any other is halved by batch as the list is', () => {
    const book = bookOf(override({ id: 1 }), override({ id: 2, service_tier: 'priority', input_cost: '4' }));
    expect(perMillion(book, 'openai', 'gpt-4o', AT, { batch: null, tier: 'priority' })).toBe('4 EUR by price:2');
    expect(perMillion(book, 'openai', 'gpt-4o', AT, { batch: true, tier: null })).toBe('1 EUR by price:1');
  });

  it('may price what the list does not have: own machines, unknown models', () => {
    const book = bookOf(override({ provider: 'self_hosted', model_name: 'Qwen/Qwen3-32B', input_cost: '0.4' }));
    expect(perMillion(book, 'self_hosted', 'Qwen/Qwen3-32B')).toBe('0.4 EUR by price:1');
  });
});
