import { covers, nextOpenings, openingsBetween, readRecurrence, windowAt } from './index.js';
import type { MaintenanceTimes } from './index.js';

const ms = (text: string) => Date.parse(text);
const window = (start: string, end: string, recurrence: string | null = null, timeZone = 'UTC'): MaintenanceTimes => ({
  startMs: ms(start),
  endMs: ms(end),
  recurrence,
  timeZone,
});
const shown = (openings: readonly { startMs: number; endMs: number }[]) =>
  openings.map(({ startMs, endMs }) => [startMs, endMs].map((at) => new Date(at).toISOString().slice(0, 16)).join('/'));

describe('when a window is open', () => {
  const once = window('2026-03-28T02:00:00Z', '2026-03-28T04:00:00Z');

  it.each([
    ['2026-03-28T01:59:59.999Z', false],
    ['2026-03-28T02:00:00Z', true],
    ['2026-03-28T03:59:59.999Z', true],
    ['2026-03-28T04:00:00Z', false],
  ])('once: %s %s', (at, open) => expect(windowAt(once, ms(at)) !== null).toBe(open));

  // Berlin: clocks go forward on 2026-03-29 at 02:00 (+1 -> +2), back on 2026-10-25 at 03:00 (+2 -> +1)
  it('opens and closes by the clock of its zone when clocks go forward', () => {
    const nightly = window('2026-03-27T00:30:00Z', '2026-03-27T03:00:00Z', 'FREQ=DAILY', 'Europe/Berlin'); // 01:30-04:00
    expect(shown(openingsBetween(nightly, ms('2026-03-27T00:00:00Z'), ms('2026-03-31T00:00:00Z')))).toEqual([
      '2026-03-27T00:30/2026-03-27T03:00',
      '2026-03-28T00:30/2026-03-28T03:00',
      '2026-03-29T00:30/2026-03-29T02:00', // 01:30 CET to 04:00 CEST: 90 minutes
      '2026-03-29T23:30/2026-03-30T02:00',
      '2026-03-30T23:30/2026-03-31T02:00',
    ]);
  });

  it('is there also in the night in which the clocks jump over its start', () => {
    const nightly = window('2026-03-27T01:30:00Z', '2026-03-27T02:00:00Z', 'FREQ=DAILY', 'Europe/Berlin'); // 02:30-03:00
    expect(shown(openingsBetween(nightly, ms('2026-03-28T12:00:00Z'), ms('2026-03-30T12:00:00Z')))).toEqual([
      '2026-03-29T01:30/2026-03-29T02:00', // 02:30 does not come: 03:30 CEST
      '2026-03-30T00:30/2026-03-30T01:00',
    ]);
  });

  it('opens once in the night in which its hour comes twice', () => {
    const nightly = window('2026-10-24T00:30:00Z', '2026-10-24T02:00:00Z', 'FREQ=DAILY', 'Europe/Berlin'); // 02:30-04:00
    expect(shown(openingsBetween(nightly, ms('2026-10-24T12:00:00Z'), ms('2026-10-26T12:00:00Z')))).toEqual([
      '2026-10-25T00:30/2026-10-25T03:00', // 02:30 CEST to 04:00 CET: 150 minutes
      '2026-10-26T01:30/2026-10-26T03:00',
    ]);
  });

  it('finds an opening that began the day before', () => {
    const overnight = window('2026-11-20T22:00:00Z', '2026-11-21T06:00:00Z', 'FREQ=WEEKLY;BYDAY=FR');
    expect(windowAt(overnight, ms('2026-11-28T05:59:00Z'))).toEqual({
      startMs: ms('2026-11-27T22:00:00Z'),
      endMs: ms('2026-11-28T06:00:00Z'),
    });
    expect(windowAt(overnight, ms('2026-11-28T06:00:00Z'))).toBeNull();
    expect(windowAt(overnight, ms('2026-11-13T23:00:00Z'))).toBeNull(); // before the first
  });

  it('leaves out EXDATEs: a local time, a UTC time, a day', () => {
    const rule = [
      'RRULE:FREQ=WEEKLY;BYDAY=SA',
      'EXDATE;TZID=Europe/Berlin:20260307T020000',
      'EXDATE:20260314T010000Z,20260321',
    ];
    const weekly = window('2026-02-28T01:00:00Z', '2026-02-28T03:00:00Z', rule.join('\n'), 'Europe/Berlin'); // 02:00-04:00
    expect(shown(openingsBetween(weekly, ms('2026-02-01T00:00:00Z'), ms('2026-04-05T00:00:00Z')))).toEqual([
      '2026-02-28T01:00/2026-02-28T03:00',
      '2026-03-28T01:00/2026-03-28T03:00',
      '2026-04-04T00:00/2026-04-04T02:00',
    ]);
  });

  it.each([
    ['FREQ=DAILY;COUNT=2', 2],
    ['FREQ=DAILY;UNTIL=20261124', 3], // the day itself included
    ['FREQ=DAILY;UNTIL=20261124T020000Z', 3],
    ['FREQ=DAILY;UNTIL=20261124T015959Z', 2],
    ['FREQ=MONTHLY;BYDAY=2SA', 4],
  ])('%s ends where it says', (rule, count) => {
    const times = window('2026-11-22T02:00:00Z', '2026-11-22T04:00:00Z', rule);
    expect(nextOpenings(times, ms('2026-11-01T00:00:00Z'), 4)).toHaveLength(count);
  });

  it('is quick for a rule that began long ago, and for one that never comes', () => {
    const old = window('2006-01-01T02:30:00Z', '2006-01-01T02:45:00Z', 'FREQ=HOURLY;INTERVAL=3', 'America/New_York');
    const never = window('2026-01-01T02:00:00Z', '2026-01-01T03:00:00Z', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30');
    const started = performance.now();
    expect(nextOpenings(old, ms('2026-11-22T00:00:00Z'), 5)).toHaveLength(5);
    expect(nextOpenings(never, ms('2026-11-22T00:00:00Z'), 5)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('a recurrence that cannot be read', () => {
  it.each([
    ['FREQ=DAILY;BYDAY=XX', 'BYDAY=XX'],
    ['FREQ=FORTNIGHTLY', 'FREQ=FORTNIGHTLY'],
    ['FREQ=MINUTELY', 'FREQ=MINUTELY'],
    ['FREQ=DAILY;INTERVAL=0', 'INTERVAL=0'],
    ['FREQ=DAILY;BYHOUR=25', 'BYHOUR=25'],
    ['FREQ=DAILY;COLOUR=red', 'COLOUR=red'],
    ['FREQ=DAILY;COUNT=2;UNTIL=20270101', 'UNTIL=20270101T235959Z'],
    ['FREQ=DAILY;FREQ=WEEKLY', 'FREQ=WEEKLY'],
    ['FREQ=DAILY;UNTIL=20260230', 'UNTIL=20260230'],
    ['BYDAY=MO', 'BYDAY=MO'],
    ['DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY', 'DTSTART:20260101T000000Z'],
    ['RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY', 'RRULE:FREQ=WEEKLY'],
    ['RRULE:FREQ=DAILY\nEXDATE:tomorrow', 'EXDATE:tomorrow'],
    ['RRULE:FREQ=DAILY\nEXDATE;TZID=Mars/North:20260101T000000', 'EXDATE;TZID=Mars/North:20260101T000000'],
    ['', ''],
  ])('%j is told at %j', (rule, part) => {
    expect(() => readRecurrence(rule, ms('2026-01-01T00:00:00Z'), 'UTC')).toThrow(expect.objectContaining({ part }));
  });
});

describe('whom a window is about', () => {
  const instance = { id: 7, tags: { environment: 'production', team: 'search' } };

  it.each([
    [{ all: true } as const, true, true],
    [{ tags: { environment: 'production' } }, true, false],
    [{ tags: { environment: 'production', team: 'ads' } }, false, false],
    [{ tags: { constructor: 'x' } }, false, false],
    [{ tags: {} }, false, false],
    [{ instanceIds: [7, 9] }, true, false],
    [{ instanceIds: [8] }, false, false],
  ])('%j', (scope, ofInstance, ofNone) => {
    expect(covers(scope, instance)).toBe(ofInstance);
    expect(covers(scope, null)).toBe(ofNone);
  });
});
