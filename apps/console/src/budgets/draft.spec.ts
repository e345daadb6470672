import { bodyOf, draftOf, lacks, newDraft } from './draft';
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

  it('sends no value with a budget over everything', () => {
    expect(bodyOf({ ...newDraft('USD'), value: 'left from before' }).scope_value).toBeNull();
  });
});
