import { apart, breakEven, ownCostAt, ownCurve } from './break-even';
import { changedGroups, comparedWindows, tokenParts, unpricedRequests } from './compare';
import { driftByModel } from './drift-sums';

describe('own GPUs against an API', () => {
  // 48 for 11 million weighted tokens at a useful share of 0.4, the API asks 30: 48 ÷ 30 × 0.4 = 0.64
  const own = { cost: 48, useful_share: 0.4 };

  it('cost the same at the break-even', () => {
    const now = 48 / 11;
    expect(ownCostAt(0.4, now, 0.4)).toBeCloseTo(now);
    expect(ownCostAt(0.64, now, 0.4)).toBeCloseTo(30 / 11);
    const curve = ownCurve(now, 0.4, 0.2, 1, 5);
    expect(curve.map(([share]) => Number(share.toFixed(2)))).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
    expect(curve[1]![1]).toBeCloseTo(now);
  });

  it('have labels that do not lie on each other', () => {
    expect(apart([100, 40, 104], 14)).toEqual([100, 40, 114]);
    expect(apart([10, 5, 6], 10)).toEqual([25, 5, 15]);
  });

  it('have a verdict', () => {
    expect(breakEven(own, { cost: 30, break_even_utilisation: 0.64 })).toEqual({
      share: 0.64,
      saving: 18,
      verdict: 'reachable',
    });
    expect(breakEven(own, { cost: 10, break_even_utilisation: 1.92 })?.verdict).toBe('never');
    expect(breakEven(own, { cost: 60, break_even_utilisation: 0.32 })).toMatchObject({
      saving: -12,
      verdict: 'own_cheaper',
    });
    expect(breakEven(own, { cost: 30, break_even_utilisation: null })?.verdict).toBe('unknown');
    expect(breakEven({ cost: null, useful_share: null }, { cost: 30, break_even_utilisation: null })).toBeNull();
  });
});

describe('two windows', () => {
  it('are as long, and neither has today', () => {
    expect(comparedWindows({ start_date: '2026-11-16', end_date: '2026-11-22' }, '2026-11-22')).toEqual({
      days: 6,
      current: { start_date: '2026-11-16', end_date: '2026-11-21' },
      previous: { start_date: '2026-11-10', end_date: '2026-11-15' },
    });
    expect(comparedWindows({ start_date: '2026-10-01', end_date: '2026-10-31' }, '2026-11-22')).toMatchObject({
      days: 31,
      previous: { start_date: '2026-08-31', end_date: '2026-09-30' },
    });
    expect(comparedWindows({ start_date: '2026-11-22', end_date: '2026-11-22' }, '2026-11-22')).toBeNull();
  });

  it('are compared group by group, also where one lacks it', () => {
    const groups = changedGroups(
      [
        { value: 'a', total_cost: 5 },
        { value: null, total_cost: 1 },
      ],
      [{ value: 'b', total_cost: 2 }],
    );
    expect(groups.map(({ value, change }) => [value, change])).toEqual([
      ['a', 5],
      [null, 1],
      ['b', -2],
    ]);
  });
});

it('parts tokens: cached ones are within the input', () => {
  const parts = tokenParts({
    input_tokens: 100,
    cached_input_tokens: 60,
    cache_write_input_tokens: 10,
    output_tokens: 7,
  });
  expect(parts).toEqual({ uncached: 30, read: 60, written: 10, output: 7 });
});

it('sums the drift of days by model, over the days that both tell only', () => {
  const day = (
    model_name: string,
    estimated_cost: number | null,
    billed_cost: number | null,
    unpriced_records = 0,
  ) => ({
    date: '2026-11-01',
    provider: 'openai',
    model_name,
    estimated_cost,
    billed_cost,
    unpriced_records,
  });
  const rows = driftByModel([day('a', 10, 12), day('a', 5, null, 3), day('a', 10, 11), day('b', null, 4)]);
  expect(rows).toEqual([
    // 12 + 11 - 10 - 10 = 3, of 23 billed
    {
      key: 'openai/a',
      provider: 'openai',
      model_name: 'a',
      days: 3,
      compared: 2,
      estimated: 20,
      billed: 23,
      drift: 3,
      percent: expect.closeTo(13.04, 2),
      unpriced: 3,
    },
    {
      key: 'openai/b',
      provider: 'openai',
      model_name: 'b',
      days: 1,
      compared: 0,
      estimated: null,
      billed: null,
      drift: null,
      percent: null,
      unpriced: 0,
    },
  ]);
});

it('counts what has no price among requests to APIs only: own machines have a cost instead', () => {
  const of = (provider: string, requests: number, unpriced: number) => ({
    provider,
    requests,
    unpriced: { requests: unpriced },
  });
  const by_provider = [of('openai', 90, 0), of('acme', 10, 10), of('self_hosted', 1_000, 1_000)];
  expect(unpricedRequests({ by_provider })).toEqual({ requests: 10, share: 0.1 });
  expect(unpricedRequests({ by_provider: [] })).toEqual({ requests: 0, share: null });
});
