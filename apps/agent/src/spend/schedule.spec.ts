import type { SpendDataset } from '@flotilla/providers/spend';
import { everyMsOf, firstDelayMs, NEVER_READ, retryMs, windowOf } from './schedule.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 22, 10, 30);
const read = (at: number, fullAt = at) => ({ attemptAtMs: at, readAtMs: at, fullAtMs: fullAt, backfilled: true });

describe('what is read', () => {
  const hourly = { bucketMs: HOUR, lateMs: 3 * DAY };

  it.each([
    ['never before: the backfill', NEVER_READ, -30 * DAY, true],
    ['five minutes after all of it: the newest two hours', read(NOW - 300_000, NOW - HOUR), -300_000 - 2 * HOUR, false],
    ['six hours after all of it: what may still change', read(NOW - 300_000, NOW - 6 * HOUR), -300_000 - 3 * DAY, true],
    ['after ten days without a host: all that was missed', read(NOW - 10 * DAY), -13 * DAY, true],
    ['a clock that was a year ahead when it was read', read(NOW + 365 * DAY), -3 * DAY, true],
    ['after two years: a year', read(NOW - 730 * DAY), -365 * DAY, true],
  ])('%s', (_, cursor, fromMs, full) => {
    expect(windowOf(hourly, cursor, NOW, 30)).toEqual({ fromMs: NOW + fromMs, toMs: NOW, full });
  });

  it('goes back at least over what may still change, however short the backfill', () => {
    expect(windowOf(hourly, NEVER_READ, NOW, 0).fromMs).toBe(NOW - 3 * DAY);
  });
});

describe('when it is read after a start', () => {
  it.each([
    ['never read: at once', NEVER_READ, 0],
    ['read an hour ago: in seven', read(NOW - HOUR), 7 * HOUR],
    ['read nine hours ago: at once', read(NOW - 9 * HOUR), 0],
    ['read in the future (the clock was wrong): in one period at most', read(NOW + 100 * DAY), 8 * HOUR],
    ['failed five minutes ago: in ten', { ...read(NOW - DAY), attemptAtMs: NOW - 300_000 }, 600_000],
  ])('%s', (_, cursor, delay) => {
    expect(firstDelayMs(cursor, 8 * HOUR, NOW)).toBe(delay);
  });
});

describe('how often', () => {
  const dataset = (everyMs: number, leastEveryMs: number) => ({ everyMs, leastEveryMs }) as SpendDataset;
  const usage = dataset(300_000, 60_000);
  const costs = dataset(HOUR, 60_000);

  it('a setting speeds up what moves fastest, and never past what the provider wants', () => {
    expect(everyMsOf(usage, [usage, costs], undefined)).toBe(300_000);
    expect(everyMsOf(usage, [usage, costs], 90)).toBe(90_000);
    expect(everyMsOf(usage, [usage, costs], 1)).toBe(60_000);
    expect(everyMsOf(costs, [usage, costs], 90)).toBe(HOUR);
    expect(everyMsOf(costs, [usage, costs], 7_200)).toBe(2 * HOUR);
  });

  it.each([
    ['the first trouble that passes', 1, true, 0, 60_000],
    ['the third', 3, true, 0, 240_000],
    ['never longer than the period', 9, true, 0, 300_000],
    ['what the provider asked for', 1, true, 900_000, 900_000],
    ['a refused key of something that is read every five minutes', 1, false, 0, 300_000],
  ])('waits after %s', (_, failures, passing, askedMs, expected) => {
    expect(retryMs(failures, passing, askedMs, 300_000)).toBe(expected);
  });

  it('looks an hour later whether a missing right was given, also where it reads three times a day', () => {
    expect(retryMs(5, false, 0, 8 * HOUR)).toBe(HOUR);
  });
});
