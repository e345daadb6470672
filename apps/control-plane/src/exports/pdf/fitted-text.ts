/** What a font can tell about itself, as pdfkit and fontkit give it. */
export interface FontFacts {
  widthOf(text: string): number;
  hasGlyph(codePoint: number): boolean;
}

/** Longer than any cell is wide: what comes after is never measured. */
const LONGEST_SHOWN = 240;
/** What a reader of the text layer gets at most. */
const LONGEST_READ = 1_000;
const REMEMBERED = 20_000;

export interface Fitted {
  /** What is drawn. */
  readonly shown: string;
  /** What the drawing stands for, where it is not the drawing itself: for screen readers and for copying. */
  readonly actual: string | null;
}

/**
 * Fits texts of any origin into cells: control characters become spaces, characters that the font lacks a box, and what
 * is too long ends in an ellipsis.
 */
export class FittedText {
  private readonly known = new Map<string, Fitted>();

  constructor(private readonly font: FontFacts) {}

  /** Points, at the size of the body. */
  widthOf(text: string): number {
    return this.font.widthOf(text);
  }

  fit(text: string, width: number): Fitted {
    const key = `${width} ${text}`;
    const known = this.known.get(key);
    if (known) return known;
    if (this.known.size >= REMEMBERED) this.known.clear();
    const clean = text.slice(0, LONGEST_READ).replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
    const drawable = this.drawable(clean.slice(0, LONGEST_SHOWN));
    const shown = this.cut(drawable, clean.length > LONGEST_SHOWN || text.length > LONGEST_READ, width);
    const fitted = { shown, actual: shown === text ? null : clean };
    if (text.length <= LONGEST_SHOWN) this.known.set(key, fitted);
    return fitted;
  }

  private drawable(text: string): string {
    let drawn = '';
    for (const character of text) drawn += this.font.hasGlyph(character.codePointAt(0)!) ? character : '□';
    return drawn;
  }

  private cut(text: string, isCut: boolean, width: number): string {
    if (!isCut && this.font.widthOf(text) <= width) return text;
    const characters = [...text];
    let fits = 0;
    for (let low = 0, high = characters.length; low <= high;) {
      const middle = (low + high) >> 1;
      if (this.font.widthOf(`${characters.slice(0, middle).join('')}…`) <= width) {
        fits = middle;
        low = middle + 1;
      } else high = middle - 1;
    }
    return `${characters.slice(0, fits).join('')}…`;
  }
}
