import { breakEven, ownModelCost } from './index.js';
import type { ServingInstance } from './index.js';

const WEIGHTS = { input: '1', cached: '0.1', output: '4' };
const mix = (input: number, cached: number, output: number) => ({
  input: String(input),
  cached: String(cached),
  output: String(output),
});
const one = (more: Partial<ServingInstance> = {}): ServingInstance => ({
  cost: '100',
  usefulShare: 0.5,
  tokens: mix(6_000_000, 10_000_000, 1_000_000),
  allTokens: mix(6_000_000, 10_000_000, 1_000_000),
  ...more,
});

describe('what tokens of own GPUs cost', () => {
  it('splits the cost between kinds by weight', () => {
    // weighted: 6 + 10 × 0.1 + 1 × 4 = 11 million; 100 / 11 = 9.0909… an input million, 4 of it an output million
    const { allocated, used } = ownModelCost([one()], WEIGHTS);
    expect(allocated).toEqual({
      cost: '100',
      perMillion: {
        input: '9.090909090909',
        cached: '0.909090909091',
        output: '36.363636363636',
        all: '5.882352941176',
      },
    });
    expect(used).toMatchObject({ cost: '50', perMillion: { input: '4.545454545455', all: '2.941176470588' } });
  });

  it('sums instances, and gives each model its share of an instance', () => {
    // the second serves another model as much: 100 + 60 / 2
    const shared = one({ cost: '60', allTokens: mix(12_000_000, 20_000_000, 2_000_000), usefulShare: 1 });
    const { allocated, used } = ownModelCost([one(), shared], WEIGHTS);
    expect(allocated?.cost).toBe('130');
    expect(used?.cost).toBe('80');
  });

  it('knows nothing where a cost or a measurement is missing', () => {
    expect(ownModelCost([one(), one({ cost: null })], WEIGHTS)).toEqual({ allocated: null, used: null });
    expect(ownModelCost([one({ usefulShare: null })], WEIGHTS)).toMatchObject({
      allocated: { cost: '100' },
      used: null,
    });
    expect(ownModelCost([one({ tokens: mix(0, 0, 0) })], WEIGHTS).allocated).toBeNull();
    expect(ownModelCost([], WEIGHTS).allocated).toBeNull();
  });

  it.each([2, 10, 1_000])('does not change when all money is worth %s times', (times) => {
    const { allocated } = ownModelCost([one({ cost: String(11 * times) })], WEIGHTS);
    expect(allocated?.perMillion).toMatchObject({ input: String(times), output: String(4 * times) });
  });

  it('finds the break-even', () => {
    // own 100 against 40 of an API: 2.5 times as many tokens, 17M × 2.5 / 10 h, and 0.3 × 2.5 of the GPUs
    const tokens = mix(6_000_000, 10_000_000, 1_000_000);
    expect(breakEven('100', '40', tokens, 10, 0.3)).toEqual({ tokensPerHour: '4250000', utilisation: 0.75 });
    expect(breakEven('100', '40', tokens, 10, null)?.utilisation).toBeNull();
    expect(breakEven('100', '0', tokens, 10, 0.3)).toBeNull();
    expect(breakEven('100', '40', tokens, 0, 0.3)).toBeNull();
  });
});
