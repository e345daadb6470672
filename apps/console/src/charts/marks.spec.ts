import { bitSpans, groupWords, layoutMarks } from './marks';
import type { Mark } from './marks';

const span = { fromMs: 0, toMs: 1_000 };
const mark = (at: number, more: Partial<Mark> = {}): Mark => ({ id: `m${at}`, at, label: `at ${at}`, ...more });

describe('layoutMarks', () => {
  it('leaves room for a finger between any two, and loses none', () => {
    const marks = [0, 1, 5, 22, 24, 60, 61, 700, 999, 1_000].map((at) => mark(at));
    const groups = layoutMarks(marks, span, 1_000);
    expect(groups.flatMap((group) => group.marks)).toHaveLength(10);
    const begins = groups.map((group) => group.marks[0]!.at);
    begins.slice(1).forEach((at, i) => expect(at - begins[i]!).toBeGreaterThanOrEqual(24));
  });

  it('does not let a chain of near marks become one over the whole width', () => {
    const groups = layoutMarks(Array.from({ length: 100 }, (_, i) => mark(i * 10)), span, 1_000); // prettier-ignore
    expect(groups.length).toBeGreaterThan(30);
  });

  it('cuts what began before or goes on after, and leaves out what lies outside', () => {
    const groups = layoutMarks([mark(-50, { to: 100 }), mark(900, { to: Infinity }), mark(-9), mark(1_001)], span, 500);
    expect(groups.map(({ begin, end }) => [begin, end])).toEqual([[0, 0.1], [0.9, 1]]); // prettier-ignore
  });

  it('shows the worst of a group, and says all of it', () => {
    const [group] = layoutMarks([mark(1, { tone: 'good' }), mark(2, { tone: 'bad' }), mark(3)], span, 100);
    expect(group!.tone).toBe('bad');
    expect(groupWords(group!)).toBe('3 marks: at 1; at 2; at 3');
  });

  it('places nothing where there is no width yet', () => {
    expect(layoutMarks([mark(1)], span, 0)).toEqual([]);
  });
});

describe('bitSpans', () => {
  it('joins steps that follow each other, and ends where a value is missing', () => {
    const times = [0, 10, 20, 30, 40, 50, 60];
    expect(bitSpans(times, [4, 5, 0, 4, null, null, 4], 4, 10)).toEqual([
      { fromMs: 0, toMs: 20 },
      { fromMs: 30, toMs: 40 },
      { fromMs: 60, toMs: 70 },
    ]);
  });

  it('reads bits above the 32nd', () => {
    expect(bitSpans([0], [2 ** 40 + 1], 2 ** 40, 1)).toHaveLength(1);
    expect(bitSpans([0], [2 ** 40 + 1], 2 ** 39, 1)).toHaveLength(0);
  });
});
