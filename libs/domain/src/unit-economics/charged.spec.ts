import { chargedUnitCosts, meanRunCost } from './index.js';
import type { ChargedUse } from './index.js';

const NONE = { cost: null, tokens: null };
const use = (more: Partial<ChargedUse> = {}): ChargedUse => ({
  cost: '0.005',
  tokens: '1500',
  inferenceCost: '0.005',
  inferences: '1',
  parts: {
    input: { cost: '0.001', tokens: '400' },
    cached: { cost: '0.001', tokens: '800' },
    output: { cost: '0.003', tokens: '300' },
  },
  ...more,
});

describe('what a charged token costs', () => {
  it('is cost over tokens, per part where parts are known', () => {
    // 0.005 / 1500 = 3.3333e-6 a token; 0.001 / 400, 0.001 / 800 and 0.003 / 300 a million times
    expect(chargedUnitCosts([use()])).toEqual({
      perToken: '0.000003333333333333',
      perMillion: { all: '3.333333333333333333', input: '2.5', cached: '1.25', output: '10' },
      perInference: '0.005',
    });
  });

  it('adds up before it divides: a mean of means would be another number', () => {
    // (0.005 + 0.1) / (1500 + 500)
    const other = use({ cost: '0.1', tokens: '500', parts: { input: NONE, cached: NONE, output: NONE } });
    expect(chargedUnitCosts([use(), other])).toMatchObject({
      perToken: '0.0000525',
      perMillion: { input: '2.5' },
    });
  });

  it('knows nothing where there is nothing, and nothing is free', () => {
    const nothing = { cost: null, tokens: null, inferenceCost: null, inferences: null };
    const none = use({ ...nothing, parts: { input: NONE, cached: NONE, output: NONE } });
    const unknown = {
      perToken: null,
      perMillion: { all: null, input: null, cached: null, output: null },
      perInference: null,
    };
    expect(chargedUnitCosts([none])).toEqual(unknown);
    expect(chargedUnitCosts([])).toEqual(unknown);
  });

  it('takes the mean of the runs whose cost is known', () => {
    expect(meanRunCost(['10', null, '20'])).toEqual({ mean: '15', runs: 2 });
    expect(meanRunCost([null])).toEqual({ mean: null, runs: 0 });
  });
});
