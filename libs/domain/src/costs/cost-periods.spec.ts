import { changePercent, costPeriods } from './cost-periods.js';

const read = (first: string, last: string, granularity: 'day' | 'week' | 'month', perDay = 1) => {
  const periods = costPeriods(first, last, granularity);
  const days = ({ firstDay, lastDay }: { firstDay: string; lastDay: string }) =>
    (Date.parse(lastDay) - Date.parse(firstDay)) / 86_400_000 + 1;
  return { ...periods, ...periods.read(periods.windows.map((window) => String(days(window) * perDay))) };
};

describe('the periods of a window', () => {
  it('are its days, each compared with the day before, the first one too', () => {
    const { series, firstDayBefore } = read('2026-11-01', '2026-11-03', 'day');
    expect(series.map(({ period_start, change_percent }) => [period_start, change_percent])).toEqual([
      ['2026-11-01', 0],
      ['2026-11-02', 0],
      ['2026-11-03', 0],
    ]);
    expect(firstDayBefore).toBe('2026-10-29');
  });

  it('are weeks from Monday, cut at the ends of the window and then not compared', () => {
    // 2026-11-05 is a Thursday
    const { series } = read('2026-11-05', '2026-11-24', 'week');
    expect(series).toEqual([
      { period_start: '2026-11-05', period_end: '2026-11-08', total_cost: '4', change_percent: null, complete: false },
      // the week before is not whole
      { period_start: '2026-11-09', period_end: '2026-11-15', total_cost: '7', change_percent: null, complete: true },
      { period_start: '2026-11-16', period_end: '2026-11-22', total_cost: '7', change_percent: 0, complete: true },
      { period_start: '2026-11-23', period_end: '2026-11-24', total_cost: '2', change_percent: null, complete: false },
    ]);
  });

  it('are months of their own lengths, over a leap day and the end of a year', () => {
    const { series } = read('2027-12-01', '2028-03-31', 'month');
    expect(series.map(({ period_end, total_cost }) => [period_end, total_cost])).toEqual([
      ['2027-12-31', '31'],
      ['2028-01-31', '31'],
      ['2028-02-29', '29'],
      ['2028-03-31', '31'],
    ]);
    expect(series.map((period) => period.change_percent)).toEqual([3.33, 0, -6.45, 6.9]);
  });

  it('are compared as a whole with as many days before', () => {
    const { total_cost, previous_total_cost, change_percent, firstDayBefore } = read(
      '2026-11-01',
      '2026-11-30',
      'month',
    );
    expect({ total_cost, previous_total_cost, change_percent }).toEqual({
      total_cost: '30',
      previous_total_cost: '30',
      change_percent: 0,
    });
    // all of October, for the first month
    expect(firstDayBefore).toBe('2026-10-01');
  });
});

describe('a change in percent', () => {
  it.each([
    ['100', '150', 50],
    ['100', '0', -100],
    ['0', '5', null],
    ['-10', '-5', 50],
    ['3', '4', 33.33],
  ])('%s → %s is %s', (before, after, percent) => expect(changePercent(before, after)).toBe(percent));
});
