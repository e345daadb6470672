import { afterLeaving, between, moved, settle, without } from './inbox';

const rows = (...ids: number[]) => ids.map((id) => ({ id, seen: 1 }));
const ids = (list: readonly { id: number }[]) => list.map(({ id }) => id);

describe('an inbox that lives', () => {
  it('lets everything in at first, and later moves nothing that is shown', () => {
    const first = settle(undefined, rows(5, 4, 3));
    expect(ids(first.rows)).toEqual([5, 4, 3]);
    // 6 came, 4 fired again and is the newest now, 3 was resolved by somebody else
    const later = settle(first, [{ id: 4, seen: 2 }, ...rows(6, 5)]);
    expect(later.rows).toEqual([
      { id: 5, seen: 1 },
      { id: 4, seen: 2 },
      { id: 3, seen: 1 },
    ]);
    expect(ids(later.waiting)).toEqual([6]);
    expect([...later.left]).toEqual([3]);
  });

  it('lets in what comes when nothing is shown', () => {
    expect(ids(settle(settle(undefined, []), rows(1)).rows)).toEqual([1]);
  });

  it('takes what was dealt with away, but not what is being looked at', () => {
    const inbox = settle(undefined, rows(5, 4, 3));
    expect(ids(without(inbox, new Set([5, 4]), null).rows)).toEqual([3]);
    expect(ids(without(inbox, new Set([5, 4]), 4).rows)).toEqual([4, 3]);
  });
});

describe('the mark of the keys', () => {
  it.each([
    ['one down', 4, 1, 3],
    ['one up', 4, -1, 5],
    ['not past the end', 3, 1, 3],
    ['not before the begin', 5, -1, 5],
    ['from nowhere to the first', null, 1, 5],
    ['from a row that went to the first', 99, 1, 5],
  ])('moves %s', (_, from, step, to) => expect(moved(rows(5, 4, 3), from, step)).toBe(to));

  it.each([
    ['on the next', 4, [4], 3],
    ['on the next that is left', 5, [5, 4], 3],
    ['on the one before when there is no next', 3, [3, 4], 5],
    ['where it was when others went', 3, [5], 3],
    ['nowhere when all went', 3, [5, 4, 3], null],
  ])('stands %s', (_, from, gone, at) => expect(afterLeaving(rows(5, 4, 3), from, new Set(gone))).toBe(at));

  it('selects from one to the other in both directions', () => {
    expect(between(rows(5, 4, 3, 2), 4, 2)).toEqual([4, 3, 2]);
    expect(between(rows(5, 4, 3, 2), 2, 4)).toEqual([4, 3, 2]);
    expect(between(rows(5, 4, 3, 2), null, 3)).toEqual([3]);
  });
});
