import { explain } from './explain';
import type { ChangedGroup } from './explain';

const group = (
  value: string | null,
  before: number,
  now: number,
  usage: ChangedGroup['usage'] = null,
): ChangedGroup => ({
  value,
  name: null,
  usage,
  previous_cost: before,
  current_cost: now,
  change: now - before,
});

describe('why a total changed', () => {
  it('names the groups with the largest change first, whatever their size, and says what is new and what is gone', () => {
    const { main, up, down, rest } = explain(
      [group('big', 1000, 1010), group('new', 0, 300), group('gone', 200, 0), group('as it was', 50, 50)],
      null,
    );
    expect(main.map(({ value, kind, change }) => [value, kind, change])).toEqual([
      ['new', 'new', 300],
      ['gone', 'gone', -200],
      ['big', 'more', 10],
    ]);
    // 300 + 10 up, 200 down: the total changed by 110
    expect([up, down, rest]).toEqual([310, -200, null]);
  });

  it('sums to the change of the total, however many groups there are', () => {
    const groups = Array.from({ length: 20 }, (_, i) => group(`g${i}`, 100, 100 + i));
    const { main, rest } = explain(groups, { groups: 7, change: -40 }, 3);
    expect(main.map(({ change }) => change)).toEqual([19, 18, 17]);
    // 0 + 1 + … + 19 = 190; 190 - 54 - 40 = 96, in 16 that changed and stand for themselves no more, and 7 others
    expect(rest).toEqual({ groups: 23, change: 96 });
  });

  it('blames the fewest groups that come to half of the movement in the direction of the total', () => {
    const drivers = (...groups: ChangedGroup[]) => explain(groups, null).drivers.map(({ value }) => value);
    expect(drivers(group('a', 0, 60), group('b', 0, 30), group('c', 0, 10))).toEqual(['a']);
    expect(drivers(group('a', 0, 40), group('b', 0, 30), group('c', 0, 30))).toEqual(['a', 'b']);
    // the total fell by 20: what rose is not why
    expect(drivers(group('a', 0, 60), group('b', 80, 0))).toEqual(['b']);
    expect(drivers(group('a', 5, 5))).toEqual([]);
  });

  it('parts a change into more use and a dearer price where both are known', () => {
    const hours = (previous: number, current: number) => ({ unit: 'Hours', previous, current });
    // 100 hours for 200, now 150 hours for 330: 50 more hours at 2 are 100; the other 30 are 0.20 more for each of 150
    expect(explain([group('a', 200, 330, hours(100, 150))], null).main[0]).toMatchObject({ byUse: 100, byPrice: 30 });
    // cheaper by half, used as before
    expect(explain([group('a', 200, 100, hours(100, 100))], null).main[0]).toMatchObject({ byUse: 0, byPrice: -100 });
    // what is new has no price before
    expect(explain([group('a', 0, 100, hours(0, 10))], null).main[0]).toMatchObject({ byUse: null, byPrice: null });
    expect(explain([group('a', 10, 100)], null).main[0]).toMatchObject({ byUse: null, byPrice: null });
  });
});
