import { countScale, daysBetween, grouped, placeIn, pointsOf, roomFor, ticks } from './geometry';
import type { Cell } from './geometry';

const DAY = 86_400_000;
const cell = (threshold: number, duration: number, dollars: number, falseStops: number): Cell => ({
  threshold,
  duration,
  triggers: 9,
  stops: 9,
  false_stops: falseStops,
  undecided_stops: 0,
  precision: null,
  priced_hours: 1,
  unpriced_hours: 0,
  unsaved_hours: 0,
  unknown_hours: 0,
  avoidable_of_false_stops: [],
  avoidable: [
    { currency: 'EUR', amount: 1_000 },
    { currency: 'USD', amount: dollars },
  ],
});

describe('places on the timeline', () => {
  const from = Date.parse('2026-11-16T12:00:00Z');
  it('are shares of the time looked at, and stay inside it', () => {
    const at = (time: string) => placeIn(time, from, from + 2 * DAY);
    expect([at('2026-11-17T12:00:00Z'), at('2026-11-01T00:00:00Z'), at('2026-12-01T00:00:00Z')]).toEqual([0.5, 0, 1]);
  });

  it('marks the beginnings of days in the zone that is shown', () => {
    const hours = (zone: string) => daysBetween(from, from + 2 * DAY, zone).map(({ at }) => (at - from) / 3_600_000);
    expect(hours('UTC')).toEqual([12, 36]);
    // midnight of Kolkata is 18:30 UTC
    expect(hours('Asia/Kolkata')).toEqual([6.5, 30.5]);
  });
});

describe('the sweep', () => {
  it('joins the points that nothing betters: more dollars, or fewer false stops', () => {
    const cells = [
      cell(1, 120, 10, 0),
      cell(5, 120, 30, 0),
      cell(5, 30, 50, 2),
      cell(8, 30, 45, 2),
      cell(9, 30, 40, 3),
    ];
    const points = pointsOf(cells, 'USD', { threshold: 5, duration: 120 });
    expect(points.filter(({ best }) => best).map(({ dollars }) => dollars)).toEqual([30, 50]);
    expect(points.filter(({ current }) => current).map(({ dollars }) => dollars)).toEqual([30]);
  });

  it('does not add amounts of another currency', () => {
    expect(pointsOf([cell(5, 30, 7, 0)], 'EUR', null)[0]!.dollars).toBe(1_000);
    expect(pointsOf([cell(5, 30, 7, 0)], 'GBP', null)[0]!.dollars).toBe(0);
  });

  it.each([
    [0, [0, 1]],
    [1, [0, 0.5, 1]],
    [97, [0, 50, 100]],
    [5_689, [0, 2_000, 4_000, 6_000]],
  ])('reckons up to %p by %p', (most, marks) => expect(ticks(most)).toEqual(marks));

  it('gives few false stops the room, where others have thousands', () => {
    const few = countScale(10);
    expect([few.at(0), few.at(5), few.at(10)]).toEqual([0, 0.5, 1]);
    const many = countScale(2_900);
    expect(many.marks).toEqual([0, 1, 10, 100, 1_000]);
    expect([many.at(0), many.at(2_900)]).toEqual([0, 1]);
    // log(11) ÷ log(2901): 10 of 2,900 stand at 30 % of the way
    expect(many.at(10)).toBeCloseTo(0.3008, 3);
  });

  it('leaves out labels that would lie over others', () => {
    const places = [
      { x: 0, y: 0 },
      { x: 10, y: 5 },
      { x: 10, y: 50 },
    ];
    expect(roomFor(places, 100, 18)).toEqual([places[0], places[2]]);
  });
});

it('groups rows in their order', () =>
  expect([...grouped([3, 1, 4, 1, 5], (n) => n % 2)]).toEqual([
    [1, [3, 1, 1, 5]],
    [0, [4]],
  ]));
