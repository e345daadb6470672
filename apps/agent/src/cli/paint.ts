/** Colour for people; none where the output is no terminal, or NO_COLOR is set (https://no-color.org). */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubtful: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly strong: (text: string) => string;
}

const CODES = { good: 32, bad: 31, doubtful: 33, faint: 90, strong: 1 } as const;

export function paintFor(out: { readonly isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): Paint {
  const isColoured = out.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const by = (code: number) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    good: by(CODES.good),
    bad: by(CODES.bad),
    doubtful: by(CODES.doubtful),
    faint: by(CODES.faint),
    strong: by(CODES.strong),
  };
}

/** Columns to write to: what the terminal has, within what can be read and what fits a ticket. */
export const widthFor = (out: { readonly columns?: number }): number => Math.min(100, Math.max(80, out.columns ?? 100));

/** What tools and drivers say must not steer the terminal. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
export const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');

/**
 * A label and its text in lines of at most `width`, continued below the text. A word that is longer stays whole: it may
 * be copied.
 *
 * @param indent columns of the label
 */
export function labelled(label: string, text: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of plain(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width - indent) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((part, at) => `${at === 0 ? `${label} `.padEnd(indent) : ' '.repeat(indent)}${part}`);
}
