import { dayNumber, dayText, localDay } from './days.js';
import { budgetPeriodAt, earlierPeriods } from './period.js';
import type { PeriodRule } from './period.js';

const rule = (kind: PeriodRule['kind'], more: Partial<PeriodRule> = {}): PeriodRule => ({
  kind,
  startsOn: null,
  endsOn: null,
  anchor: 'calendar',
  ...more,
});
const at = (of: PeriodRule, moment: string, zone = 'UTC') => {
  const period = budgetPeriodAt(of, new Date(moment), zone);
  return period && [period.firstDay, period.lastDay, period.firstCostDay, period.lastCostDay];
};

describe('budgetPeriodAt', () => {
  it.each([
    ['a day', rule('day'), '2026-11-22T10:00:00Z', '2026-11-22', '2026-11-22'],
    ['a week from Monday', rule('week'), '2026-11-22T10:00:00Z', '2026-11-16', '2026-11-22'],
    ['a Monday', rule('week'), '2026-11-23T00:00:00Z', '2026-11-23', '2026-11-29'],
    ['February', rule('month'), '2026-02-10T00:00:00Z', '2026-02-01', '2026-02-28'],
    ['a leap February', rule('month'), '2028-02-29T23:59:59Z', '2028-02-01', '2028-02-29'],
    ['December', rule('month'), '2026-12-31T23:59:59Z', '2026-12-01', '2026-12-31'],
    ['a quarter', rule('quarter'), '2026-11-22T00:00:00Z', '2026-10-01', '2026-12-31'],
    ['a year', rule('year'), '2028-02-29T00:00:00Z', '2028-01-01', '2028-12-31'],
    [
      'a month from the 15th',
      rule('month', { startsOn: '2026-01-15', anchor: 'start' }),
      '2026-11-14T12:00:00Z',
      '2026-10-15',
      '2026-11-14',
    ],
    [
      'the 31st, February',
      rule('month', { startsOn: '2026-01-31', anchor: 'start' }),
      '2026-02-28T12:00:00Z',
      '2026-02-28',
      '2026-03-30',
    ],
    [
      'the day before it',
      rule('month', { startsOn: '2026-01-31', anchor: 'start' }),
      '2026-02-27T12:00:00Z',
      '2026-01-31',
      '2026-02-27',
    ],
    [
      'a year from April',
      rule('year', { startsOn: '2025-04-01', anchor: 'start' }),
      '2026-03-31T12:00:00Z',
      '2025-04-01',
      '2026-03-31',
    ],
    [
      'a week from Wednesday',
      rule('week', { startsOn: '2026-11-04', anchor: 'start' }),
      '2026-11-24T12:00:00Z',
      '2026-11-18',
      '2026-11-24',
    ],
    [
      'begun in the middle of a month: cut',
      rule('month', { startsOn: '2026-11-10' }),
      '2026-11-22T12:00:00Z',
      '2026-11-10',
      '2026-11-30',
    ],
    [
      'ended in the middle of a month: cut',
      rule('month', { endsOn: '2026-11-25' }),
      '2026-11-22T12:00:00Z',
      '2026-11-01',
      '2026-11-25',
    ],
    [
      'from here to there',
      rule('custom', { startsOn: '2026-09-05', endsOn: '2027-02-03' }),
      '2026-11-22T12:00:00Z',
      '2026-09-05',
      '2027-02-03',
    ],
  ])('%s', (_, of, moment, first, last) => expect(at(of, moment)).toEqual([first, last, first, last]));

  it('is none before and after', () => {
    expect(at(rule('month', { startsOn: '2026-11-23' }), '2026-11-22T23:59:59Z')).toBeNull();
    expect(at(rule('month', { startsOn: '2026-11-23' }), '2026-11-23T00:00:00Z')).not.toBeNull();
    expect(at(rule('month', { endsOn: '2026-11-21' }), '2026-11-22T00:00:00Z')).toBeNull();
  });

  it.each([
    // the local date decides which period it is; cost days are UTC
    [
      'Berlin, half an hour into December',
      'Europe/Berlin',
      '2026-11-30T23:30:00Z',
      ['2026-12-01', '2026-12-31', '2026-12-01', '2026-12-31'],
    ],
    [
      'Los Angeles, still November',
      'America/Los_Angeles',
      '2026-12-01T05:00:00Z',
      ['2026-11-01', '2026-11-30', '2026-11-01', '2026-11-30'],
    ],
    // UTC noon of November 30 is December 1, 01:00 in Auckland: most of that cost day is December there
    [
      'Auckland in summer (+13)',
      'Pacific/Auckland',
      '2026-12-10T00:00:00Z',
      ['2026-12-01', '2026-12-31', '2026-11-30', '2026-12-30'],
    ],
    // DST ends on 4 April 2027 in Auckland: +12 all through May, and noon is midnight
    [
      'Auckland in winter (+12)',
      'Pacific/Auckland',
      '2026-06-10T00:00:00Z',
      ['2026-06-01', '2026-06-30', '2026-05-31', '2026-06-29'],
    ],
    [
      'Honolulu (-10)',
      'Pacific/Honolulu',
      '2026-06-10T12:00:00Z',
      ['2026-06-01', '2026-06-30', '2026-06-01', '2026-06-30'],
    ],
    [
      'New York, the month that DST begins in',
      'America/New_York',
      '2026-03-08T12:00:00Z',
      ['2026-03-01', '2026-03-31', '2026-03-01', '2026-03-31'],
    ],
  ])('%s', (_, zone, moment, days) => expect(at(rule('month'), moment, zone)).toEqual(days));

  it.each(['UTC', 'Europe/Berlin', 'America/Los_Angeles', 'Pacific/Kiritimati', 'Pacific/Chatham', 'Asia/Kolkata'])(
    'covers every cost day exactly once in %s, over DST and leap days',
    (zone) => {
      for (const kind of ['day', 'week', 'month', 'quarter', 'year'] as const) {
        const seen = new Map<string, number>();
        let day = dayNumber('2027-12-20');
        const end = dayNumber('2029-02-10');
        while (day < end) {
          const period = budgetPeriodAt(rule(kind), new Date(day * 86_400_000 + 43_200_000), zone)!;
          for (let d = dayNumber(period.firstCostDay); d <= dayNumber(period.lastCostDay); d++)
            seen.set(dayText(d), (seen.get(dayText(d)) ?? 0) + 1);
          day += dayNumber(period.lastDay) - localDay(new Date(day * 86_400_000 + 43_200_000), zone) + 1;
        }
        expect([...seen.values()].every((count) => count === 1)).toBe(true);
        expect(seen.size).toBeGreaterThan(400);
      }
    },
  );
});

describe('earlierPeriods', () => {
  it('goes back, newest first, whole where the budget was cut', () => {
    const of = rule('month', { startsOn: '2026-03-10' });
    const now = budgetPeriodAt(of, new Date('2026-03-20T00:00:00Z'), 'UTC')!;
    expect(now.firstDay).toBe('2026-03-10');
    expect(earlierPeriods(of, now, 3, 'UTC').map(({ firstDay, lastDay }) => [firstDay, lastDay])).toEqual([
      ['2026-02-01', '2026-02-28'],
      ['2026-01-01', '2026-01-31'],
      ['2025-12-01', '2025-12-31'],
    ]);
  });

  it('has none of a period from here to there', () => {
    const of = rule('custom', { startsOn: '2026-01-01', endsOn: '2026-12-31' });
    expect(earlierPeriods(of, budgetPeriodAt(of, new Date('2026-05-05'), 'UTC')!, 5, 'UTC')).toEqual([]);
  });
});
