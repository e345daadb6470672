import fc from 'fast-check';
import { activeMinutes, isActive, nextChange } from './schedule.js';
import type { Schedule } from './schedule.js';

const ALL_DAYS = [1, 2, 3, 4, 5, 6, 7];
const WORK_DAYS = [1, 2, 3, 4, 5];
const schedule = (timezone: string, start: string, end: string, activeDays = ALL_DAYS): Schedule => ({
  timezone,
  activeHours: { start, end },
  activeDays,
});
const at = (iso: string) => Date.parse(iso);

describe('isActive', () => {
  it.each([
    // 2026-03-02 is a Monday; New York is UTC-5 then
    ['at the start', schedule('America/New_York', '08:00', '22:00', WORK_DAYS), '2026-03-02T13:00:00Z', true],
    [
      'a millisecond before',
      schedule('America/New_York', '08:00', '22:00', WORK_DAYS),
      '2026-03-02T12:59:59.999Z',
      false,
    ],
    ['at the end', schedule('America/New_York', '08:00', '22:00', WORK_DAYS), '2026-03-03T03:00:00Z', false],
    [
      'Friday evening there, Saturday in UTC',
      schedule('America/New_York', '08:00', '22:00', WORK_DAYS),
      '2026-03-07T02:59:00Z',
      true,
    ],
    ['on Saturday', schedule('America/New_York', '08:00', '22:00', WORK_DAYS), '2026-03-07T18:00:00Z', false],
    ['past midnight, begun on Friday', schedule('UTC', '22:00', '06:00', [5]), '2026-03-07T05:59:00Z', true],
    ['Friday before the span of Friday', schedule('UTC', '22:00', '06:00', [5]), '2026-03-06T05:59:00Z', false],
    [
      'Saturday night, when only Friday is named',
      schedule('UTC', '22:00', '06:00', [5]),
      '2026-03-07T23:00:00Z',
      false,
    ],
    ['equal times are a whole day', schedule('UTC', '09:00', '09:00', [1]), '2026-03-03T08:59:00Z', true],
    ['and no more', schedule('UTC', '09:00', '09:00', [1]), '2026-03-03T09:00:00Z', false],
    ['24:00 ends the day', schedule('UTC', '18:00', '24:00', [1]), '2026-03-02T23:59:59Z', true],
    ['not the next one', schedule('UTC', '18:00', '24:00', [1]), '2026-03-03T00:00:00Z', false],
    ['00:00 ends it too', schedule('UTC', '18:00', '00:00', [1]), '2026-03-03T00:00:00Z', false],
    ['a quarter-hour zone', schedule('Asia/Kathmandu', '09:00', '10:00'), '2026-03-02T03:15:00Z', true],
    ['the day before 1970', schedule('UTC', '00:00', '24:00', [3]), '1969-12-31T12:00:00Z', true],
    ['without days', schedule('UTC', '00:00', '24:00', []), '2026-03-02T12:00:00Z', false],
  ] as const)('%s', (_, rule, moment, expected) => expect(isActive(rule, at(moment))).toBe(expected));

  it('refuses a zone and a time that do not exist', () => {
    expect(() => isActive(schedule('Mars/Olympus', '08:00', '09:00'), 0)).toThrow(RangeError);
    expect(() => isActive(schedule('UTC', '25:00', '09:00'), 0)).toThrow(RangeError);
  });
});

/** Minutes in force of a local day, by counting. */
const minutesOf = (rule: Schedule, from: string, to: string) =>
  activeMinutes(rule, at(from) / 60_000, at(to) / 60_000).reduce((sum, one) => sum + one, 0);

describe('on days on which clocks are set', () => {
  // Berlin 2026: 29 March 02:00 becomes 03:00 (01:00 UTC), 25 October 03:00 becomes 02:00 (01:00 UTC)
  it.each([
    [
      'spring, night shift of 8 h is 7 h',
      schedule('Europe/Berlin', '22:00', '06:00'),
      '2026-03-28T20:00:00Z',
      '2026-03-29T05:00:00Z',
      7 * 60,
    ],
    [
      'autumn, night shift of 8 h is 9 h',
      schedule('Europe/Berlin', '22:00', '06:00'),
      '2026-10-24T19:00:00Z',
      '2026-10-25T06:00:00Z',
      9 * 60,
    ],
    [
      'spring, a span in the hour left out',
      schedule('Europe/Berlin', '02:00', '03:00'),
      '2026-03-28T23:00:00Z',
      '2026-03-29T22:00:00Z',
      0,
    ],
    [
      'autumn, a span in the hour that comes twice',
      schedule('Europe/Berlin', '02:15', '02:45'),
      '2026-10-24T22:00:00Z',
      '2026-10-25T23:00:00Z',
      60,
    ],
    [
      'spring, the whole Sunday',
      schedule('Europe/Berlin', '00:00', '24:00', [7]),
      '2026-03-27T00:00:00Z',
      '2026-03-31T00:00:00Z',
      23 * 60,
    ],
    [
      'autumn, the whole Sunday',
      schedule('Europe/Berlin', '00:00', '24:00', [7]),
      '2026-10-23T00:00:00Z',
      '2026-10-27T00:00:00Z',
      25 * 60,
    ],
    // New York: 8 March 02:00 becomes 03:00 (07:00 UTC), 1 November 02:00 becomes 01:00 (06:00 UTC)
    [
      'New York in spring',
      schedule('America/New_York', '01:30', '03:30', [7]),
      '2026-03-08T00:00:00Z',
      '2026-03-09T00:00:00Z',
      60,
    ],
    [
      'New York in autumn',
      schedule('America/New_York', '00:30', '01:30', [7]),
      '2026-11-01T00:00:00Z',
      '2026-11-02T00:00:00Z',
      90,
    ],
    // Lord Howe moves by half an hour, 4 October 02:00 to 02:30 (15:30 UTC of the 3rd)
    [
      'half an hour',
      schedule('Australia/Lord_Howe', '00:00', '24:00', [7]),
      '2026-10-02T00:00:00Z',
      '2026-10-06T00:00:00Z',
      23.5 * 60,
    ],
    // Azores: 29 March 00:00 becomes 01:00, at 01:00 UTC
    [
      'a midnight that is left out',
      schedule('Atlantic/Azores', '00:00', '02:00', [7]),
      '2026-03-28T12:00:00Z',
      '2026-03-29T23:00:00Z',
      60,
    ],
  ] as const)('%s', (_, rule, from, to, expected) => expect(minutesOf(rule, from, to)).toBe(expected));

  it('begins at the moment at which the clock is set, when the start is left out', () => {
    const rule = schedule('Europe/Berlin', '02:30', '05:00');
    expect(nextChange(rule, at('2026-03-28T12:00:00Z'))).toBe(at('2026-03-29T01:00:00Z'));
    expect(isActive(rule, at('2026-03-29T00:59:59Z'))).toBe(false);
  });
});

describe('nextChange', () => {
  it.each([
    ['from inside', schedule('UTC', '08:00', '22:00', WORK_DAYS), '2026-03-02T12:00:00Z', '2026-03-02T22:00:00Z'],
    ['over a weekend', schedule('UTC', '08:00', '22:00', WORK_DAYS), '2026-03-06T22:00:00Z', '2026-03-09T08:00:00Z'],
    [
      'at the very change, the one after',
      schedule('UTC', '08:00', '22:00'),
      '2026-03-02T08:00:00Z',
      '2026-03-02T22:00:00Z',
    ],
    [
      'two days that touch are one span',
      schedule('UTC', '00:00', '24:00', [6, 7]),
      '2026-03-07T05:00:00Z',
      '2026-03-09T00:00:00Z',
    ],
  ] as const)('%s', (_, rule, moment, expected) => {
    expect(new Date(nextChange(rule, at(moment))!).toISOString()).toBe(new Date(at(expected)).toISOString());
  });

  it('is null where nothing ever changes', () => {
    expect(nextChange(schedule('UTC', '00:00', '24:00'), 0)).toBeNull();
    expect(nextChange(schedule('Europe/Berlin', '07:00', '07:00'), 0)).toBeNull();
    expect(nextChange(schedule('UTC', '08:00', '09:00', []), 0)).toBeNull();
  });
});

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'Pacific/Apia',
  'America/Santiago',
];
const time = fc
  .tuple(fc.nat(23), fc.nat(59))
  .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
const anySchedule = fc.record({
  timezone: fc.constantFrom(...ZONES),
  activeHours: fc.record({ start: time, end: fc.oneof(time, fc.constant('24:00')) }),
  activeDays: fc.subarray(ALL_DAYS),
});
/** Hours around the changes of 2026 as well as any. */
const moment = fc.oneof(
  fc.integer({ min: at('2024-01-01T00:00:00Z'), max: at('2028-01-01T00:00:00Z') }),
  fc
    .tuple(
      fc.constantFrom(
        '2026-03-29T01:00Z',
        '2026-10-25T01:00Z',
        '2026-03-08T07:00Z',
        '2026-11-01T06:00Z',
        '2026-10-03T15:30Z',
        '2026-04-04T15:00Z',
      ),
      fc.integer({ min: -7_200_000, max: 7_200_000 }),
    )
    .map(([change, off]) => at(change) + off),
);

/** The definition, read off the platform's calendar. */
function byCalendar({ timezone, activeHours, activeDays }: Schedule, epochMs: number): boolean {
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'short' }).format(
    epochMs,
  );
  const [date, clock] = text.split(' ') as [string, string];
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
  const today = activeDays.includes(weekday);
  const yesterday = activeDays.includes(weekday === 1 ? 7 : weekday - 1);
  if (activeHours.start < activeHours.end) return today && clock >= activeHours.start && clock < activeHours.end;
  return (today && clock >= activeHours.start) || (yesterday && clock < activeHours.end);
}

describe('schedules of any kind', () => {
  it('are in force exactly when the calendar says so', () => {
    fc.assert(
      fc.property(anySchedule, moment, (rule, ms) => isActive(rule, ms) === byCalendar(rule, ms)),
      { numRuns: 1_500 },
    );
  });

  it('are the same minute by minute, walked or asked; and change where nextChange says', () => {
    fc.assert(
      fc.property(anySchedule, moment, (rule, ms) => {
        const from = Math.floor(ms / 60_000);
        const walked = activeMinutes(rule, from, from + 3_000);
        expect(walked).toEqual(Uint8Array.from(walked, (_, i) => Number(isActive(rule, (from + i) * 60_000))));
        const first = walked.findIndex((one) => one !== walked[0]);
        if (first > 0) expect(nextChange(rule, from * 60_000)).toBe((from + first) * 60_000);
      }),
      { numRuns: 60 },
    );
  });

  it('cost little over a month of minutes', () => {
    const rule = schedule('America/New_York', '22:00', '06:00', WORK_DAYS);
    const from = at('2026-03-01T00:00:00Z') / 60_000;
    const began = performance.now();
    const minutes = activeMinutes(rule, from, from + 43_200);
    expect(performance.now() - began).toBeLessThan(1_500);
    expect(minutes.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(0);
  });
});
