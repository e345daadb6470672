import { fitting, shortened, squarified } from './tree-map-geometry';

const box = { width: 600, height: 400 };
const ratio = ({ width, height }: { width: number; height: number }) => Math.max(width / height, height / width);
const overlap = (a: ReturnType<typeof squarified>[number], b: typeof a) =>
  Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)) *
  Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y));

describe('a box divided among values', () => {
  it('is divided as the paper has it', () => {
    const cells = squarified([6, 6, 4, 3, 2, 2, 1], { width: 6, height: 4 });
    const shown = cells.map(({ x, y, width, height }) => [x, y, width, height].map((n) => Number(n.toFixed(3))));
    expect(shown).toEqual([
      [0, 0, 3, 2],
      [0, 2, 3, 2],
      [3, 0, 1.714, 2.333],
      [4.714, 0, 1.286, 2.333],
      [3, 2.333, 1.2, 1.667],
      [4.2, 2.333, 1.2, 1.667],
      [5.4, 2.333, 0.6, 1.667],
    ]);
  });

  it.each([
    ['equal ones', Array.from({ length: 12 }, () => 1)],
    ['ever smaller ones', Array.from({ length: 30 }, (_, i) => 1 / (i + 1))],
    ['one giant', [1e6, 1, 1, 1]],
    ['one', [5]],
  ])('gives %s their part, within the box and beside each other', (_, values) => {
    const cells = squarified(values, box);
    const total = values.reduce((sum, value) => sum + value, 0);
    cells.forEach((cell, i) => {
      expect((cell.width * cell.height) / (box.width * box.height)).toBeCloseTo(values[i]! / total, 9);
      expect(cell.x >= 0 && cell.x + cell.width <= box.width + 1e-6).toBe(true);
      expect(cell.y >= 0 && cell.y + cell.height <= box.height + 1e-6).toBe(true);
      for (const other of cells.slice(i + 1)) expect(overlap(cell, other)).toBeLessThan(1e-6);
    });
  });

  it('keeps pieces near to squares', () => {
    expect(
      Math.max(
        ...squarified(
          Array.from({ length: 24 }, () => 1),
          box,
        ).map(ratio),
      ),
    ).toBeLessThan(1.6);
  });

  it('has no place for what is not above 0, nor in a box without room', () => {
    expect(squarified([2, 0, -1], box).map(({ width, height }) => width * height)).toEqual([240_000, 0, 0]);
    expect(squarified([1, 1], { width: 0, height: 10 })).toEqual(squarified([0, 0], box));
    expect(squarified([], box)).toEqual([]);
  });
});

describe('which groups stand for themselves', () => {
  it('are those that can be hit', () => {
    const values = Array.from({ length: 200 }, (_, i) => 1000 / (i + 1) ** 2);
    const shown = fitting(values, 0, box, 28);
    const rest = values.slice(shown).reduce((sum, value) => sum + value, 0);
    expect(shown).toBeGreaterThan(3);
    expect(shown).toBeLessThan(60);
    for (const { width, height } of squarified([...values.slice(0, shown), rest], box).slice(0, shown)) {
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(28);
    }
    expect(fitting([3, 2, 1], 0, box, 28)).toBe(3);
    expect(fitting([1], 1e9, box, 28)).toBe(1);
    expect(fitting([], 5, box, 28)).toBe(0);
  });
});

describe('a name in a cell', () => {
  it('is cut between letters, and left out where nothing of it would be read', () => {
    expect(shortened('Amazon EC2', 100, 7)).toBe('Amazon EC2');
    expect(shortened('Amazon Elastic Compute Cloud', 70, 7)).toBe('Amazon El…');
    expect(shortened('🛶🛶🛶🛶🛶🛶', 35, 7)).toBe('🛶🛶🛶🛶…');
    expect(shortened('Amazon EC2', 20, 7)).toBe('');
  });
});
