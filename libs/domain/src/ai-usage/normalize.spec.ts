import { addUsage, normalizeUsage, totalInput } from './index.js';
import type { AiUsage, SourceUsage } from './index.js';

const usageOf = (source: SourceUsage): AiUsage => {
  const normalized = normalizeUsage(source);
  if (!normalized.ok) throw new Error(normalized.reason);
  return normalized.usage;
};

describe('usage in parts', () => {
  it('takes OpenAI, which counts the cache into the input', () => {
    // 1000 = 500 uncached + 400 cached + 100 written
    const usage = usageOf({ counting: 'inclusive', input: 1000, cacheRead: 400, cacheWrite5m: 100, output: 500 });
    expect(usage).toEqual({
      uncachedInput: 500,
      cacheRead: 400,
      cacheWrite5m: 100,
      cacheWrite1h: 0,
      output: 500,
      reasoning: null,
      batch: null,
      tier: null,
    });
    expect(totalInput(usage)).toBe(1000);
  });

  it('takes Anthropic, which does not', () => {
    const usage = usageOf({
      counting: 'exclusive',
      uncachedInput: 1500,
      cacheRead: 200,
      cacheWrite5m: 500,
      cacheWrite1h: 1000,
      output: 500,
      tier: 'standard',
    });
    expect(totalInput(usage)).toBe(3200); // 1500 + 200 + 500 + 1000
    expect(usage.tier).toBe('standard');
  });

  it('believes the parts where the total says something else, and says so', () => {
    const normalized = normalizeUsage({
      counting: 'inclusive',
      input: 900,
      uncachedInput: 500,
      cacheRead: 400,
      cacheWrite5m: 100,
      output: 1,
    });
    expect(normalized).toMatchObject({ ok: true, usage: { uncachedInput: 500 } });
    expect(normalized.ok && normalized.remark).toContain('says 900 input tokens and its parts sum to 1000');
  });

  it('reads 64-bit integers that OTLP/JSON writes as text', () => {
    expect(usageOf({ counting: 'inclusive', input: '1500', cacheRead: '0', output: '9' }).uncachedInput).toBe(1500);
  });

  it.each<[string, SourceUsage, string]>([
    ['a negative count', { counting: 'inclusive', input: -1, output: 1 }, 'input tokens are no count: -1'],
    ['NaN', { counting: 'exclusive', uncachedInput: 1, output: NaN }, 'output tokens are no count: NaN'],
    ['10^30', { counting: 'inclusive', input: 1e30, output: 1 }, 'input tokens are no count: 1e+30'],
    ['half a token', { counting: 'inclusive', input: 1.5, output: 1 }, 'no count: 1.5'],
    ['no output', { counting: 'inclusive', input: 1, output: undefined }, 'output tokens are missing'],
    ['no input', { counting: 'exclusive', uncachedInput: null, output: 1 }, 'uncached input tokens are missing'],
    [
      'a cache larger than its input',
      { counting: 'inclusive', input: 10, cacheRead: 11, output: 1 },
      'larger than the input',
    ],
    [
      'more reasoning than output',
      { counting: 'inclusive', input: 1, output: 1, reasoning: 2 },
      'larger than the output',
    ],
    [
      'a sum beyond what a number holds',
      { counting: 'exclusive', uncachedInput: Number.MAX_SAFE_INTEGER, cacheRead: 1, output: 1 },
      'larger than a count can be',
    ],
  ])('refuses %s', (_, source, reason) => {
    const normalized = normalizeUsage(source);
    expect(normalized.ok ? '' : normalized.reason).toContain(reason);
  });

  it('has total input equal to the sum of its parts, whatever comes in', () => {
    for (let input = 0; input < 40; input++) {
      for (let read = 0; read <= input; read += 3) {
        for (let write = 0; write <= input - read; write += 5) {
          const usage = usageOf({ counting: 'inclusive', input, cacheRead: read, cacheWrite1h: write, output: 1 });
          expect(totalInput(usage)).toBe(input);
        }
      }
    }
  });

  it('adds up, and forgets a part that only one of two knows', () => {
    const known = usageOf({ counting: 'inclusive', input: 10, cacheRead: 4, output: 3, reasoning: 2 });
    const unknown = usageOf({ counting: 'inclusive', input: 5, output: 1, audio: { output: 1 } });
    expect(addUsage(known, known)).toMatchObject({ uncachedInput: 12, cacheRead: 8, output: 6, reasoning: 4 });
    expect(addUsage(known, unknown)).toMatchObject({
      uncachedInput: 11,
      output: 4,
      reasoning: null,
      audio: { output: 1 },
    });
    expect(() => addUsage(known, { ...known, batch: true })).toThrow('two prices');
  });
});
