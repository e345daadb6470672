import { addMonths, blocksOf, clockChange, mondayOf, spansOf, weeksOf } from './calendar';

const opening = (window_id: number, starts_at: string, ends_at: string) => ({ window_id, starts_at, ends_at });
const BERLIN = 'Europe/Berlin';

describe('a month', () => {
  it('is the weeks that it touches, from Monday on', () => {
    const november = weeksOf('2026-11-23');
    expect(november.map((week) => week[0])).toEqual([
      '2026-10-26',
      '2026-11-02',
      '2026-11-09',
      '2026-11-16',
      '2026-11-23',
      '2026-11-30',
    ]);
    // February 2027 begins on a Monday and has 28 days
    expect(weeksOf('2027-02-10')).toHaveLength(4);
    expect(weeksOf('2026-12-01').at(-1)!.at(-1)).toBe('2027-01-03');
  });

  it('follows another, over the end of a year', () => {
    expect(addMonths('2026-12-31', 1)).toBe('2027-01-01');
    expect(addMonths('2026-01-31', -1)).toBe('2025-12-01');
    expect(mondayOf('2026-11-29')).toBe('2026-11-23');
  });
});

describe('the days on which clocks change', () => {
  it.each([
    ['2026-10-25', BERLIN, 1],
    ['2026-03-29', BERLIN, -1],
    ['2026-11-01', 'America/New_York', 1],
    ['2026-11-23', BERLIN, 0],
    ['2026-10-25', 'UTC', 0],
  ])('%s in %s has %i hours more', (day, zone, hours) => expect(clockChange(day, zone)).toBe(hours));
});

describe('bars over the days of a week', () => {
  const week = weeksOf('2026-11-23')[4]!;

  it('spans days of the zone; one that ends at midnight is not on the next day', () => {
    const [span] = spansOf([opening(1, '2026-11-24T23:00:00Z', '2026-11-26T23:00:00Z')], week, BERLIN);
    // Wednesday 00:00 to Friday 00:00 in Berlin
    expect(span).toMatchObject({ column: 2, columns: 2, lane: 0, before: false, after: false });
  });

  it('goes on over the end of the week on both sides', () => {
    const [span] = spansOf([opening(1, '2026-11-20T00:00:00Z', '2026-12-02T00:00:00Z')], week, BERLIN);
    expect(span).toMatchObject({ column: 0, columns: 7, before: true, after: true });
  });

  it('puts those of the same day on different lines, and fills a line again as soon as it is free', () => {
    const spans = spansOf(
      [
        opening(1, '2026-11-23T00:00:00Z', '2026-11-25T00:00:00Z'),
        opening(2, '2026-11-24T01:00:00Z', '2026-11-24T02:00:00Z'),
        opening(3, '2026-11-26T01:00:00Z', '2026-11-26T02:00:00Z'),
      ],
      week,
      'UTC',
    );
    expect(spans.map(({ opening: one, column, columns, lane }) => [one.window_id, column, columns, lane])).toEqual([
      [1, 0, 2, 0],
      [2, 1, 1, 1],
      [3, 3, 1, 0],
    ]);
  });

  it('leaves other weeks out', () => {
    expect(spansOf([opening(1, '2026-11-30T00:00:00Z', '2026-11-30T02:00:00Z')], week, 'UTC')).toEqual([]);
  });
});

describe('blocks in a day', () => {
  const placed = (openings: readonly ReturnType<typeof opening>[], day: string, zone = 'UTC') =>
    blocksOf(openings, day, zone).map(({ opening: one, top, height, lane, lanes }) => [
      one.window_id,
      top,
      height,
      lane,
      lanes,
    ]);

  it('stands where the clock of the zone says', () => {
    // 06:00 to 12:00 in Berlin: a quarter of the day after a quarter of the day
    expect(placed([opening(1, '2026-11-23T05:00:00Z', '2026-11-23T11:00:00Z')], '2026-11-23', BERLIN)).toEqual([
      [1, 25, 25, 0, 1],
    ]);
  });

  it('cuts one that crosses midnight into its two days', () => {
    const night = opening(1, '2026-11-23T18:00:00Z', '2026-11-24T06:00:00Z');
    expect(placed([night], '2026-11-23')).toEqual([[1, 75, 25, 0, 1]]);
    expect(placed([night], '2026-11-24')).toEqual([[1, 0, 25, 0, 1]]);
    expect(placed([night], '2026-11-25')).toEqual([]);
  });

  it('goes by the clock in the night in which it changes', () => {
    // 00:00 to 06:00 by the clock of Berlin, 7 hours in autumn, 5 in spring
    expect(placed([opening(1, '2026-10-24T22:00:00Z', '2026-10-25T05:00:00Z')], '2026-10-25', BERLIN)).toEqual([
      [1, 0, 25, 0, 1],
    ]);
    expect(placed([opening(1, '2026-03-28T23:00:00Z', '2026-03-29T04:00:00Z')], '2026-03-29', BERLIN)).toEqual([
      [1, 0, 25, 0, 1],
    ]);
  });

  it('stands side by side where they overlap, and whole where they do not', () => {
    const at = (id: number, from: number, to: number) =>
      opening(
        id,
        `2026-11-23T${String(from).padStart(2, '0')}:00:00Z`,
        `2026-11-23T${String(to).padStart(2, '0')}:00:00Z`,
      );
    expect(placed([at(1, 0, 12), at(2, 6, 12), at(3, 12, 18)], '2026-11-23')).toEqual([
      [1, 0, 50, 0, 2],
      [2, 25, 25, 1, 2],
      [3, 50, 25, 0, 1],
    ]);
  });

  it('is high enough to be seen', () => {
    const [[, , height]] = placed([opening(1, '2026-11-23T23:59:00Z', '2026-11-24T00:00:00Z')], '2026-11-23') as [
      number[],
    ];
    expect(height).toBe(1.8);
  });
});
