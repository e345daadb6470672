import type { Group } from './gpus';
import { cellAt, layoutOf, moved } from './layout';

/** Hosts with so many GPUs each; GPUs are numbered through. */
function groupOf(name: string, hosts: readonly number[], first = 0): Group {
  let next = first;
  const members = hosts.map((gpus, place) => ({ place, gpus: Array.from({ length: gpus }, () => next++) }));
  return { name, hosts: members, gpus: next - first, busy: 0, wasted: new Map() };
}

describe('where GPUs stand in the map', () => {
  it('places every GPU once, without overlap, inside the width', () => {
    const groups = [
      groupOf('a', [8, 8, 4, 1]),
      groupOf('b', Array(40).fill(8) as number[], 21),
      groupOf('c', [16], 341),
    ];
    const map = layoutOf(groups, 700, 400, true);
    expect([...map.order].sort((a, b) => a - b)).toEqual(Array.from({ length: 357 }, (_, i) => i));
    const taken = new Set(Array.from(map.x, (x, n) => `${x} ${map.y[n]}`));
    expect(taken.size).toBe(357);
    expect(Math.max(...map.x) + map.cell).toBeLessThanOrEqual(700);
    expect(Math.max(...map.y) + map.cell).toBe(map.height);
    expect(map.height).toBeLessThanOrEqual(400);
  });

  it('makes the cells as large as they can be, and as small as they must', () => {
    const few = layoutOf([groupOf('', [8])], 800, 400, false);
    const many = layoutOf([groupOf('', Array(1000).fill(8) as number[])], 1200, 400, false);
    expect(few.cell).toBe(24);
    expect(many.cell).toBeLessThan(10);
    expect(many.order).toHaveLength(8000);
  });

  it('puts small groups beside each other, and begins a new shelf where one does not fit', () => {
    const groups = [0, 1, 2, 3].map((n) => groupOf(String(n), [8], n * 8));
    const { headings } = layoutOf(groups, 640, 400, true);
    // 190 wide each, 22 between: three on a shelf
    expect(headings.map(({ x }) => x)).toEqual([0, 212, 424, 0]);
    expect(headings[3]!.y).toBeGreaterThan(headings[0]!.y);
  });

  it('finds the cell under a point, and none beside the map', () => {
    const map = layoutOf([groupOf('', [8, 8])], 800, 400, false);
    for (const n of [0, 5, 15]) expect(cellAt(map, map.x[n]! + 3, map.y[n]! + 3)).toBe(n);
    expect(cellAt(map, 790, 390)).toBe(-1);
    expect(cellAt(layoutOf([], 800, 400, false), 1, 1)).toBe(-1);
  });

  it('moves by keys: along the row, to the nearest above and below, and stops at the ends', () => {
    const map = layoutOf([groupOf('', [8])], 800, 400, false);
    expect(moved(map, 0, 'right')).toBe(1);
    expect(moved(map, 0, 'left')).toBe(0);
    // four above four
    expect(moved(map, 1, 'down')).toBe(5);
    expect(moved(map, 5, 'up')).toBe(1);
    expect(moved(map, 5, 'down')).toBe(5);
    expect(moved(map, 3, 'last')).toBe(7);
    expect(moved(map, 7, 'first')).toBe(0);
  });
});
