import type { Span } from './series';

export type MarkTone = 'bad' | 'warn' | 'good' | 'accent' | 'idle' | 'plain';

/** Something that happened: a moment, or a span of time. Unix milliseconds. */
export interface Mark {
  readonly id: string;
  readonly at: number;
  /** Its end, where it lasted; Infinity: it still goes on. */
  readonly to?: number;
  readonly label: string;
  readonly tone?: MarkTone;
  /** What kind of thing, in a word: throttling, action, alert. */
  readonly kind?: string;
  /** Where one reads more about it. */
  readonly href?: string;
}

/** Marks that stand so near to each other that a finger could not choose one of them. */
export interface MarkGroup {
  readonly marks: readonly Mark[];
  /** Share of the width, 0 to 1: middle of the button. */
  readonly at: number;
  /** Shares of the width that the marks cover; equal where they are moments. */
  readonly begin: number;
  readonly end: number;
  readonly tone: MarkTone;
}

const WORST: readonly MarkTone[] = ['plain', 'good', 'idle', 'accent', 'warn', 'bad'];

/**
 * Places marks on an axis, those nearer than `leastPx` to each other together.
 *
 * @param widthPx of the axis; 0: nothing is placed
 */
export function layoutMarks(marks: readonly Mark[], span: Span, widthPx: number, leastPx = 24): MarkGroup[] {
  const length = span.toMs - span.fromMs;
  if (widthPx <= 0 || length <= 0) return [];
  const share = (ms: number) => Math.min(1, Math.max(0, (ms - span.fromMs) / length));
  const seen = marks
    .filter((mark) => (mark.to ?? mark.at) >= span.fromMs && mark.at <= span.toMs)
    .sort((a, b) => a.at - b.at || a.id.localeCompare(b.id));
  const groups: { marks: Mark[]; first: number; begin: number; end: number }[] = [];
  for (const mark of seen) {
    const begin = share(mark.at);
    const end = share(mark.to ?? mark.at);
    const last = groups.at(-1);
    // from the group's first mark: a chain of near ones does not grow over the whole width
    if (last && (begin - last.first) * widthPx < leastPx) {
      last.marks.push(mark);
      last.end = Math.max(last.end, end);
    } else groups.push({ marks: [mark], first: begin, begin, end });
  }
  return groups.map(({ marks: inside, begin, end, first }) => ({
    marks: inside,
    at: inside.length === 1 ? first : (first + share(inside.at(-1)!.at)) / 2,
    begin,
    end,
    tone: inside.reduce<MarkTone>((worst, { tone = 'plain' }) => (rank(tone) > rank(worst) ? tone : worst), 'plain'),
  }));
}

const rank = (tone: MarkTone) => WORST.indexOf(tone);

/** The words of a group, for those who hear it. */
export const groupWords = ({ marks }: MarkGroup): string =>
  marks.length === 1 ? marks[0]!.label : `${marks.length} marks: ${marks.map(({ label }) => label).join('; ')}`;

/**
 * Spans in which a bit of a bitmask was set, from its values over time.
 *
 * @param stepMs how long a point lasts
 */
export function bitSpans(
  times: readonly number[],
  values: readonly (number | null)[],
  mask: number,
  stepMs: number,
): Span[] {
  const spans: { fromMs: number; toMs: number }[] = [];
  times.forEach((time, i) => {
    const value = values[i];
    if (value === null || value === undefined || !hasBit(value, mask)) return;
    const last = spans.at(-1);
    if (last && time - last.toMs <= stepMs * 0.5) last.toMs = time + stepMs;
    else spans.push({ fromMs: time, toMs: time + stepMs });
  });
  return spans;
}

/** Bits above 31 too: the driver's masks are 64 bits wide. */
const hasBit = (value: number, mask: number): boolean =>
  mask < 2 ** 31 && value < 2 ** 31 ? (value & mask) !== 0 : Math.floor(value / mask) % 2 === 1;
