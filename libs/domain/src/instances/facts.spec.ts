import { effectiveFacts } from './facts.js';
import type { Fact } from './facts.js';

const cost = (source: Fact['source'], amount: string, atMs = 0): Fact => ({
  fact: 'hourly_cost',
  source,
  value: { amount, currency: 'USD' },
  atMs,
});

describe('effectiveFacts', () => {
  it.each([
    ['the user over everybody', [cost('agent', '3.06'), cost('user', '2.5'), cost('bill', '2.9')], 'user', '2.5'],
    ['the bill over the cloud', [cost('cloud', '3'), cost('bill', '2.9')], 'bill', '2.9'],
    ['the cloud over the agent', [cost('agent', '3.06'), cost('cloud', '3')], 'cloud', '3'],
    ['the agent over the price table', [cost('price_table', '4'), cost('agent', '3.06')], 'agent', '3.06'],
    ['of two agents the later one', [cost('agent', '1', 10), cost('agent', '2', 20)], 'agent', '2'],
  ])('believes %s', (_, facts, source, amount) => {
    expect(effectiveFacts(facts).hourlyCost).toEqual({ amount, currency: 'USD', source });
  });

  it('merges tags key by key; a null of a better source takes a tag away', () => {
    const tags = (source: Fact['source'], value: Record<string, string | null>): Fact => ({
      fact: 'tags',
      source,
      value,
      atMs: 0,
    });
    const facts = [tags('agent', { team: 'a', env: 'dev', rack: '7' }), tags('user', { team: 'b', env: null })];
    expect(effectiveFacts(facts).tags).toEqual({ rack: '7', team: 'b' });
  });

  it('is protected as soon as one source says so', () => {
    const says = (source: Fact['source'], value: boolean): Fact => ({ fact: 'protected', source, value, atMs: 0 });
    expect(effectiveFacts([says('user', false), says('agent', true)]).protected).toBe(true);
    expect(effectiveFacts([says('user', false)]).protected).toBe(false);
  });

  it('says nothing where nobody did', () => {
    expect(effectiveFacts([])).toEqual({
      name: null,
      region: null,
      instanceType: null,
      gpuType: null,
      gpuCount: null,
      tags: {},
      placement: {},
      hourlyCost: null,
      protected: false,
    });
  });
});
