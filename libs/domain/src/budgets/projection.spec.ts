import { unit } from '../simulation/random.js';
import { burnRates } from './burn.js';
import { completedAmount, completionByAge } from './completion.js';
import { coverageOf } from './coverage.js';
import { dayNumber, dayText, weekdayOf } from './days.js';
import { forecastRest } from './forecast.js';
import { budgetPeriodAt, earlierPeriods } from './period.js';
import { projectPeriod } from './projection.js';
import type { ProjectionInput } from './projection.js';
import { seededRandom } from './seeded.js';
import { reachedThresholds } from './thresholds.js';

const normal = (a: number, b: number) =>
  Math.sqrt(-2 * Math.log(1 - unit(a, b, 1))) * Math.cos(2 * Math.PI * unit(a, b, 2));
/** Days up to the one before `end`. */
const daysOf = (end: string, count: number, amount: (day: number) => number) =>
  new Map(
    Array.from({ length: count }, (_, i) => dayNumber(end) - count + i).map(
      (day) => [dayText(day), amount(day)] as const,
    ),
  );
const input = (more: Partial<ProjectionInput>): ProjectionInput => ({
  firstCostDay: '2026-11-01',
  lastCostDay: '2026-11-30',
  today: '2026-11-16',
  actual: '0',
  series: [],
  completion: new Map(),
  amount: 1_000,
  draws: 500,
  random: seededRandom(7),
  ...more,
});
const spent = (days: ReadonlyMap<string, number>, from: string) =>
  [...days]
    .filter(([day]) => day >= from)
    .reduce((sum, [, amount]) => sum + amount, 0)
    .toFixed(4);

describe('projectPeriod', () => {
  it('continues what is the same every day, and is certain of it', () => {
    const days = daysOf('2026-11-16', 60, () => 10);
    const answer = projectPeriod(input({ series: [{ provider: 'aws', days }], actual: '150', amount: 300 }));
    // 15 days × 10 spent + 15 days × 10 to come
    expect(answer).toMatchObject({ method: 'weekday_profile', projected: 300, p50: 300, p80: 300, remainingDays: 15 });
    expect(answer.interval95).toEqual({ low: 300, high: 300 });
    expect(answer.overrun).toBe(1); // at the boundary is over it
  });

  it('knows the weekdays', () => {
    const week = (day: number) => (weekdayOf(day) >= 5 ? 2 : 12);
    const days = daysOf('2026-11-16', 56, week);
    const answer = projectPeriod(input({ series: [{ provider: 'aws', days }], actual: spent(days, '2026-11-01') }));
    // November 2026 has 21 weekdays and 9 days of weekends: 21 × 12 + 9 × 2
    expect(answer.projected).toBeCloseTo(270, 6);
  });

  it.each([
    [0, 'none'],
    [6, 'none'],
    [7, 'run_rate'],
    [20, 'run_rate'],
    [21, 'weekday_profile'],
  ])('with %d days of history uses %s, and invents no interval', (count, method) => {
    const days = daysOf('2026-11-16', count, (day) => 10 + (day % 3));
    const answer = projectPeriod(input({ series: [{ provider: 'aws', days }], actual: spent(days, '2026-11-01') }));
    expect(answer.method).toBe(method);
    expect(answer.historyDays).toBe(count);
    expect(answer.interval80 === null).toBe(method !== 'weekday_profile');
    expect(answer.overrun === null).toBe(method !== 'weekday_profile');
    expect(answer.projected === null).toBe(method === 'none');
  });

  it('takes what came today for a part of today', () => {
    const days = new Map([...daysOf('2026-11-16', 56, () => 10), ['2026-11-16', 4]]);
    const at = (today: number) =>
      projectPeriod(
        input({
          series: [{ provider: 'aws', days: new Map([...days, ['2026-11-16', today]]) }],
          actual: String(150 + today),
        }),
      ).projected;
    expect(at(4)).toBe(300);
    expect(at(50)).toBe(340); // today cost 40 more than was expected of it
  });

  it('has credits: a projection may fall, and may be below zero', () => {
    const days = daysOf('2026-11-16', 56, (day) => (weekdayOf(day) === 0 ? -80 : 10));
    const answer = projectPeriod(input({ series: [{ provider: 'aws', days }], actual: spent(days, '2026-11-01') }));
    // five Mondays × -80 + 25 days × 10
    expect(answer.projected).toBeCloseTo(-150, 6);
    expect(answer.overrun).toBe(0);
  });

  it('has nothing to forecast on the last day that is over', () => {
    const days = daysOf('2026-12-02', 60, () => 10);
    const over = (amount: number) =>
      projectPeriod(input({ today: '2026-12-02', series: [{ provider: 'aws', days }], actual: '300', amount }));
    expect(over(300)).toMatchObject({ method: 'actual', projected: 300, remainingDays: 0, overrun: 1 });
    expect(over(300.01).overrun).toBe(0);
  });

  it('corrects days whose data is late, each source by its own lateness', () => {
    const days = new Map([...daysOf('2026-11-16', 56, () => 10), ['2026-11-15', 9], ['2026-11-14', 9.5]]);
    const completion = new Map([
      [
        'aws',
        new Map([
          [1, 0.9],
          [2, 0.95],
          [3, 1],
        ]),
      ],
      ['gcp', new Map([[1, 0.1]])],
    ]);
    const answer = projectPeriod(input({ series: [{ provider: 'aws', days }], completion, actual: '148.5' }));
    expect(answer.lateData).toBeCloseTo(1.5, 9); // 9 / 0.9 and 9.5 / 0.95
    expect(answer.projected).toBeCloseTo(300, 6);
  });

  it('says the same when it is asked twice', () => {
    const days = daysOf('2026-11-16', 56, (day) => 10 + normal(3, day));
    const ask = () => projectPeriod(input({ series: [{ provider: 'aws', days }], actual: '150' }));
    expect(ask()).toEqual(ask());
  });

  it('refuses a period that ends before it begins', () =>
    expect(() => projectPeriod(input({ lastCostDay: '2026-10-31' }))).toThrow(RangeError));
});

describe('completionByAge', () => {
  it('multiplies the steps from age to age', () => {
    const sightings = Array.from({ length: 10 }, (_, i) => dayText(dayNumber('2026-11-01') + i)).flatMap((costDay) => [
      { costDay, ageDays: 1, amount: 40 },
      { costDay, ageDays: 2, amount: 90 },
      { costDay, ageDays: 3, amount: 100 },
    ]);
    const shares = completionByAge(sightings);
    expect(shares.get(3)).toBe(1);
    expect(shares.get(2)).toBeCloseTo(0.9, 9);
    expect(shares.get(1)).toBeCloseTo(0.4, 9);
  });

  it('believes no step that was seen on few days, and none of credits', () => {
    const few = [
      { costDay: '2026-11-01', ageDays: 1, amount: 1 },
      { costDay: '2026-11-01', ageDays: 2, amount: 100 },
    ];
    expect(completionByAge(few).get(1)).toBe(1);
    expect(completionByAge([]).size).toBe(0);
  });

  it('knows a source that says nothing on the first day: such a day is expected, not scaled', () => {
    const sightings = Array.from({ length: 6 }, (_, i) => `2026-11-0${i + 1}`).flatMap((costDay) => [
      { costDay, ageDays: 1, amount: 0 },
      { costDay, ageDays: 2, amount: 50 },
    ]);
    expect(completionByAge(sightings).get(1)).toBe(0);
    expect(completedAmount(0, 0, 50)).toBe(50);
    expect(completedAmount(20, 0.5, 60)).toBe(50);
    expect(completedAmount(9, 0.9, 60)).toBe(10);
    expect(completedAmount(0, 0, null)).toBe(0);
  });
});

describe('intervals', () => {
  /** Share of series whose next 20 days fell into the interval. */
  function hits(noise: (series: number, day: number) => number, historyDays: number) {
    const firstDay = dayNumber('2026-11-11');
    let [within80, within95] = [0, 0];
    const trials = 160;
    for (let trial = 0; trial < trials; trial++) {
      const amount = (day: number) => 1_000 + (weekdayOf(day) >= 5 ? -400 : 100) + noise(trial, day);
      const history = Array.from({ length: historyDays }, (_, i) => amount(firstDay - historyDays + i));
      const truth = Array.from({ length: 20 }, (_, i) => amount(firstDay + i)).reduce((a, b) => a + b, 0);
      const { draws } = forecastRest(history, firstDay, 20, {
        draws: 200,
        random: seededRandom(trial),
        firstDaySoFar: null,
      });
      const within = (tail: number) =>
        truth >= draws![Math.floor(tail * 200)]! && truth <= draws![Math.ceil((1 - tail) * 200) - 1]!;
      if (within(0.1)) within80++;
      if (within(0.025)) within95++;
    }
    return { within80: within80 / trials, within95: within95 / trials };
  }

  it.each([
    ['independent noise', 56, (series: number, day: number) => 80 * normal(series + 10, day)],
    [
      'heavy tails',
      56,
      (series: number, day: number) => 80 * normal(series + 11, day) * Math.abs(normal(series + 11, -day)),
    ],
    ['only four weeks of history', 28, (series: number, day: number) => 80 * normal(series + 12, day)],
    [
      'noise that lasts for two days',
      56,
      (series: number, day: number) => 60 * (normal(series + 13, day) + normal(series + 13, day - 1)),
    ],
  ])('cover what they say: %s', (_, history, noise) => {
    const { within80, within95 } = hits(noise, history);
    expect(within80).toBeGreaterThanOrEqual(0.7);
    expect(within80).toBeLessThanOrEqual(0.9);
    expect(within95).toBeGreaterThanOrEqual(0.85);
  });

  it('are measured on the past of the very budget', () => {
    const days = daysOf('2026-11-16', 420, (day) => 1_000 + (weekdayOf(day) >= 5 ? -300 : 50) + 60 * normal(5, day));
    const rule = { kind: 'month', startsOn: null, endsOn: null, anchor: 'calendar' } as const;
    const now = budgetPeriodAt(rule, new Date('2026-11-16T12:00:00Z'), 'UTC')!;
    const coverage = coverageOf([{ provider: 'aws', days }], earlierPeriods(rule, now, 12, 'UTC'), 15, {
      draws: 300,
      random: seededRandom(1),
    });
    expect(coverage.periods).toBe(12);
    expect(coverage.within80!).toBeGreaterThanOrEqual(0.5);
    expect(coverage.within95!).toBeGreaterThanOrEqual(coverage.within80!);
    expect(coverage.medianError!).toBeLessThan(0.03);
  });

  it('are not measured where there is no past', () => {
    const answer = coverageOf([], [], 3, { draws: 10, random: seededRandom(1) });
    expect(answer).toEqual({ periods: 0, within80: null, within95: null, medianError: null, past: [] });
  });
});

describe('thresholds', () => {
  const nothing = { day: null, week: null };
  const at = (amount: string, actual: string, percent: number) =>
    reachedThresholds([{ basis: 'actual', percent }], amount, actual, { p50: null, p80: null }, nothing).length === 1;

  it.each([
    ['exactly at it', '1000', '800', 80, true],
    ['a hair below', '1000', '799.999999999999999999', 80, false],
    ['a third of a percent', '0.3', '0.001', 0.5, false],
    ['a fraction of a percent, exactly', '0.3', '0.0015', 0.5, true],
    ['more than all', '100', '150', 150, true],
    ['zero budget, nothing spent', '0', '0', 100, false],
    ['zero budget, a cent', '0', '0.01', 100, true],
    ['zero budget, a credit', '0', '-5', 100, false],
    ['credits', '100', '-5', 1, false],
  ])('%s', (_, amount, actual, percent, reached) => expect(at(amount, actual, percent)).toBe(reached));

  it('compare forecasts at their quantiles, and none where there is none', () => {
    const both = [
      { basis: 'forecast_p50', percent: 100 },
      { basis: 'forecast_p80', percent: 100 },
    ] as const;
    expect(reachedThresholds(both, '100', '0', { p50: 99, p80: 100 }, nothing)).toEqual([both[1]]);
    expect(reachedThresholds(both, '100', '0', { p50: null, p80: null }, nothing)).toEqual([]);
  });

  it('take a burn rate that matters and still goes on', () => {
    const fast = [{ basis: 'burn_rate', percent: 200 }] as const;
    const reached = (day: number | null, week: number | null) =>
      reachedThresholds(fast, '100', '0', { p50: null, p80: null }, { day, week }).length;
    expect([reached(2, 2), reached(5, 1.9), reached(1.9, 5), reached(null, null)]).toEqual([1, 0, 0, 0]);
  });

  it('a burn rate of 1 lasts to the last day', () => {
    const series = [{ provider: 'aws', days: daysOf('2026-11-16', 20, () => 10) }];
    const period = { firstCostDay: '2026-11-01', lastCostDay: '2026-11-30', today: '2026-11-16' };
    expect(burnRates(series, period, 300)).toEqual({ day: 1, week: 1 });
    expect(burnRates(series, period, 0)).toEqual({ day: null, week: null });
    expect(burnRates([], period, 300)).toEqual({ day: null, week: null });
  });
});
