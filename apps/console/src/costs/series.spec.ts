import { foldedWeeks, seriesOf } from './series';

const group = (value: string | null, total_cost: number, daily: readonly (number | null)[] = [total_cost]) => ({
  value,
  total_cost,
  daily,
  name: null,
});
const dates = ['2026-11-22'];

describe('the bars of a chart', () => {
  it('give what costs most a colour of its own and what belongs to nobody stripes', () => {
    const series = seriesOf({
      by: 'tag:team',
      dates,
      other: null,
      groups: [group('a', 9), group(null, 5), group('b', 1)],
    });
    expect(series.map(({ label, color, striped }) => [label, color, striped])).toEqual([
      ['a', 'var(--chart-1)', false],
      ['No team tag', 'var(--line-strong)', true],
      ['b', 'var(--chart-2)', false],
    ]);
  });

  it('take the rest together, what is beyond the answer too, so that the bars sum to the total', () => {
    const groups = Array.from({ length: 10 }, (_, i) => group(`g${i}`, 10 - i));
    const series = seriesOf({ by: 'service', dates, groups, other: { daily: [4] } });
    expect(series).toHaveLength(8);
    // 3 + 2 + 1 of the last three groups, and 4
    expect(series.at(-1)).toMatchObject({ label: 'All others', values: [10] });
    expect(seriesOf({ by: 'service', dates, groups: groups.slice(0, 8), other: null })).toHaveLength(8);
  });

  it('leave out what cost nothing, and keep a gap a gap', () => {
    expect(seriesOf({ by: 'service', dates, groups: [group('gone', 0)], other: null })).toEqual([]);
    const groups = Array.from({ length: 9 }, (_, i) => group(`g${i}`, 1, [null]));
    expect(seriesOf({ by: 'service', dates, groups, other: null }).at(-1)!.values).toEqual([null]);
  });

  it('take days together by week where there are too many', () => {
    const days = Array.from({ length: 14 }, (_, i) => new Date(Date.UTC(2026, 10, 4 + i)).toISOString().slice(0, 10));
    const values = days.map((_, i) => (i < 5 ? null : 1));
    const folded = foldedWeeks(days, [{ key: 'a', label: 'a', color: '', values }], 7);
    // Wednesday the 4th to Sunday the 8th, seven days, two days
    expect(folded.dates).toEqual(['2026-11-02', '2026-11-09', '2026-11-16']);
    expect(folded.series[0]!.values).toEqual([null, 7, 2]);
    expect(foldedWeeks(days, []).weekly).toBe(false);
  });
});
