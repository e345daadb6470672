import { bodyOf, draftOf, lacks, newDraft, thresholdFault } from './draft';
import type { Budget } from './budget';

const stored = {
  name: 'Dev',
  scope: 'tag',
  scope_value: 'env=a=b',
  amount: 100,
  currency: 'EUR',
  cost_type: 'billed',
  period: 'month',
  anchor: 'calendar',
  starts_on: null,
  ends_on: null,
  thresholds: [{ basis: 'actual', percent: 80 }],
  enabled: true,
} as unknown as Budget;

describe('a budget that is being written', () => {
  it('comes back as it was stored, also a tag whose value has an equals sign', () => {
    const draft = draftOf(stored);
    expect(draft).toMatchObject({ tagKey: 'env', value: 'a=b' });
    const { name, scope, scope_value, amount, currency, cost_type, period, anchor, starts_on, ends_on } = stored;
    expect(bodyOf(draft)).toMatchObject({ name, scope, scope_value, amount, currency, cost_type, period, anchor });
    expect(bodyOf(draft)).toMatchObject({ starts_on, ends_on });
  });

  it('says what it lacks, one thing after another', () => {
    let draft = newDraft('USD');
    expect(lacks(draft)).toMatch(/name/);
    draft = { ...draft, name: 'x' };
    expect(lacks(draft)).toMatch(/limit/);
    draft = { ...draft, amount: 0 };
    expect(lacks(draft)).toBeUndefined();
    expect(lacks({ ...draft, scope: 'team' })).toMatch(/over/);
    expect(lacks({ ...draft, scope: 'tag', value: 'dev' })).toMatch(/tag/);
    expect(lacks({ ...draft, period: 'custom', startsOn: '2026-11-01' })).toMatch(/day/);
    expect(lacks({ ...draft, anchor: 'start' })).toMatch(/count/);
  });

  it('is not sent with a threshold that was left empty or can never be reached', () => {
    const draft = { ...newDraft('USD'), name: 'x', amount: 5 };
    const at = (percent: number) => ({ basis: 'actual' as const, percent });
    expect([Number.NaN, 0, -1, 10_001].map((percent) => thresholdFault(at(percent)) === undefined)).toEqual(
      Array(4).fill(false),
    );
    expect([0.5, 10_000].map((percent) => thresholdFault(at(percent)))).toEqual([undefined, undefined]);
    expect(lacks({ ...draft, thresholds: [at(80), at(Number.NaN)] })).toMatch(/threshold/);
    expect(lacks({ ...draft, thresholds: [] })).toBeUndefined();
  });

  it('sends no value with a budget over everything', () => {
    expect(bodyOf({ ...newDraft('USD'), value: 'left from before' }).scope_value).toBeNull();
  });
});
