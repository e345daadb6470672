import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import { FittedText } from './fitted-text.js';

export type Pdf = InstanceType<typeof PDFDocument>;

export const MARGIN = 36;
export const BODY = 7;
export const INK = '#1b1f24';
export const FAINT = '#57606a';
export const LINE = '#d0d7de';
export const ACCENT = '#1f6feb';

const require = createRequire(import.meta.url);
const font = (name: string) => require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`);

interface Face {
  readonly unitsPerEm: number;
  hasGlyphForCodePoint(point: number): boolean;
  glyphForCodePoint(point: number): { readonly advanceWidth: number };
}

/**
 * How wide a text is in points: the sum of its characters. Kerning makes it a hair narrower; to lay out each text only to
 * measure it would take longer than to draw the page.
 */
function advanceWidths(face: Face, size: number): (text: string) => number {
  const known = new Map<string, number>();
  const widthOf = (character: string) => {
    let width = known.get(character);
    if (width === undefined) {
      width = (face.glyphForCodePoint(character.codePointAt(0)!).advanceWidth / face.unitsPerEm) * size;
      known.set(character, width);
    }
    return width;
  };
  return (text) => {
    let sum = 0;
    for (const character of text) sum += widthOf(character);
    return sum;
  };
}

/** The page that is being written, and how far down it is filled. */
export class Page {
  readonly pdf: Pdf;
  readonly text: FittedText;
  y = MARGIN;
  number = 1;
  /** Drawn on every page after the first. */
  onNewPage: () => void = () => undefined;

  constructor(
    title: string,
    author: string,
    locale: string,
    private readonly footer: string,
  ) {
    this.pdf = new PDFDocument({
      size: 'A4',
      layout: 'landscape',
      margin: MARGIN,
      pdfVersion: '1.7',
      tagged: true,
      displayTitle: true,
      lang: locale,
      info: { Title: title, Author: author, Creator: 'Flotilla', Producer: 'Flotilla' },
    });
    this.pdf.registerFont('text', font('DejaVuSansCondensed'));
    this.pdf.registerFont('bold', font('DejaVuSansCondensed-Bold'));
    this.use('text', BODY);
    // pdfkit wraps fontkit's font, which knows its glyphs
    const { font: face } = (this.pdf as unknown as { _font: { font: Face } })._font;
    this.text = new FittedText({
      widthOf: advanceWidths(face, BODY),
      hasGlyph: (point) => face.hasGlyphForCodePoint(point),
    });
    this.foot();
  }

  get width(): number {
    return this.pdf.page.width - 2 * MARGIN;
  }

  get bottom(): number {
    return this.pdf.page.height - MARGIN - 14;
  }

  use(name: 'text' | 'bold', size: number, colour = INK): Pdf {
    return this.pdf.font(name).fontSize(size).fillColor(colour);
  }

  /** Makes sure that `height` points are left; begins a page otherwise. */
  room(height: number): void {
    if (this.y + height <= this.bottom) return;
    this.pdf.addPage();
    this.number++;
    this.y = MARGIN;
    this.foot();
    this.onNewPage();
  }

  /** A line of text in the structure that readers follow; `tag` is H1, H2 or P. */
  line(tag: 'H1' | 'H2' | 'P', text: string, size: number, options: { bold?: boolean; colour?: string } = {}): void {
    const fitted = this.text.fit(text, (this.width * BODY) / size);
    this.pdf.addStructure(
      this.pdf.struct(tag, fitted.actual === null ? {} : { actual: fitted.actual }, () => {
        this.use(options.bold ? 'bold' : 'text', size, options.colour).text(fitted.shown, MARGIN, this.y, {
          lineBreak: false,
        });
      }),
    );
    this.y += size * 1.55;
  }

  /** What is no content: readers skip it. */
  decorate(draw: () => void): void {
    this.pdf.markContent('Artifact', { type: 'Layout' });
    draw();
    this.pdf.endMarkedContent();
  }

  private foot(): void {
    this.decorate(() => {
      const y = this.pdf.page.height - MARGIN - 6;
      this.use('text', 6.5, FAINT).text(this.text.fit(this.footer, this.width - 60).shown, MARGIN, y, {
        lineBreak: false,
      });
      const label = String(this.number);
      this.pdf.text(label, MARGIN + this.width - this.pdf.widthOfString(label), y, { lineBreak: false });
    });
  }
}
