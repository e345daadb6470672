import { sumDecimals } from './decimal.js';
import { showback } from './showback.js';
import type { ChargeGroup, SplitRule } from './showback.js';

const NO_HOURS = new Map<string, string>();
const group = (value: string | null, cost: string, ruleId: number | null = null): ChargeGroup => ({
  value,
  cost,
  ruleId,
  records: 1,
});
const rule = (more: Partial<SplitRule>): SplitRule => ({
  id: 1,
  method: 'even',
  usage_basis: null,
  targets: null,
  ...more,
});
const sharedOf = (groups: ChargeGroup[], rules: SplitRule[], hours = NO_HOURS) =>
  Object.fromEntries(showback(groups, rules, hours).values.map(({ value, shared }) => [value, shared]));

describe('showback', () => {
  const OWN = [group('ads', '30'), group('search', '10')];

  it('splits evenly among those with cost of their own', () => {
    expect(sharedOf([...OWN, group(null, '7', 1)], [rule({})])).toEqual({ ads: '3.5', search: '3.5' });
  });

  it('splits by weights, also to who has no cost of its own', () => {
    const targets = [
      { value: 'search', weight: '3' },
      { value: 'lab', weight: '1' },
    ];
    const shared = sharedOf([...OWN, group(null, '8', 1)], [rule({ method: 'weighted', targets })]);
    expect(shared).toEqual({ ads: '0', search: '6', lab: '2' });
  });

  it('splits by own cost, a value of credits having none', () => {
    const by = rule({ method: 'by_usage', usage_basis: 'cost' });
    const groups = [...OWN, group('credits', '-5'), group(null, '4', 1)];
    expect(sharedOf(groups, [by])).toEqual({ ads: '3', search: '1', credits: '0' });
  });

  it('splits by GPU-hours, whatever they cost', () => {
    const by = rule({ method: 'by_usage', usage_basis: 'gpu_hours' });
    const hours = new Map([
      ['search', '7.5'],
      ['lab', '2.5'],
    ]);
    expect(sharedOf([...OWN, group(null, '4', 1)], [by], hours)).toEqual({ ads: '0', search: '3', lab: '1' });
  });

  it('leaves unallocated what no rule takes, and what a rule can give to nobody', () => {
    const by = rule({ method: 'by_usage', usage_basis: 'gpu_hours' });
    const answer = showback([...OWN, group(null, '4', 1), group(null, '0.5')], [by], NO_HOURS);
    expect(answer.rules).toEqual([{ ruleId: 1, cost: '4', records: 1, allocated: false }]);
    expect(answer.unallocated).toEqual({ cost: '4.5', records: 2 });
  });

  it('sums to the total to the last digit, credits included', () => {
    const groups = [
      group('a', '0.333333333333333333'),
      group('b', '12345678901234.01'),
      group('c', '-0.07'),
      group(null, '100.0000000000000000001', 1),
      group('a', '-33.34', 2),
      group(null, '0.1'),
    ];
    const rules = [rule({}), rule({ id: 2, method: 'by_usage', usage_basis: 'cost' })];
    const { values, unallocated, total } = showback(groups, rules, NO_HOURS);
    expect(total).toBe(sumDecimals(groups.map(({ cost }) => cost)));
    expect(sumDecimals([...values.map((value) => value.total), unallocated.cost])).toBe(total);
  });

  it('of nothing is nothing', () => {
    expect(showback([], [rule({})], NO_HOURS)).toEqual({
      values: [],
      rules: [],
      unallocated: { cost: '0', records: 0 },
      total: '0',
    });
  });
});
