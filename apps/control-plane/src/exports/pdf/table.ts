import type { ExportColumn } from '../../platform/index.js';
import type { LocaleText } from './locale-text.js';
import { BODY, FAINT, LINE, MARGIN } from './page.js';
import type { Page, Pdf } from './page.js';

const ROW = 11;
const GAP = 6;
const RIGHT: readonly string[] = ['integer', 'number', 'money'];

type Structure = ReturnType<Pdf['struct']>;

interface Placed {
  readonly column: ExportColumn;
  readonly x: number;
  readonly width: number;
}

/** A table over as many pages as it needs; its head stands on each of them, and is read once. */
export class PdfTable {
  private readonly columns: Placed[];
  private readonly structure: Structure;
  private pageOfHead = 0;

  constructor(
    private readonly page: Page,
    columns: readonly ExportColumn[],
    private readonly text: LocaleText,
  ) {
    const shown = columns.filter((column) => column.width !== undefined);
    const whole = shown.reduce((sum, column) => sum + column.width!, 0);
    let x = MARGIN;
    this.columns = shown.map((column) => {
      const width = (page.width * column.width!) / whole;
      const placed = { column, x, width: width - GAP };
      x += width;
      return placed;
    });
    this.structure = page.pdf.struct('Table');
    page.pdf.addStructure(this.structure);
    page.onNewPage = () => page.decorate(() => this.head(null));
  }

  row(values: Readonly<Record<string, unknown>>): void {
    this.page.room(ROW);
    if (this.pageOfHead === 0) {
      const head = this.page.pdf.struct('TR');
      this.structure.add(head);
      this.head(head);
      head.end();
    }
    const row = this.page.pdf.struct('TR');
    this.structure.add(row);
    this.page.use('text', BODY);
    for (const { column, x, width } of this.columns) {
      const text = this.text.of(column.kind, values[column.name]);
      const { shown, actual } = this.page.text.fit(text, width);
      row.add(this.cell('TD', actual, () => this.write(shown, x, width, column)));
    }
    row.end();
    this.page.y += ROW;
  }

  end(): void {
    this.structure.end();
    this.page.onNewPage = () => undefined;
  }

  private cell(tag: 'TD' | 'TH', actual: string | null, draw: () => void): Structure {
    const options = { ...(tag === 'TH' ? { scope: 'Column' } : {}), ...(actual === null ? {} : { actual }) };
    return this.page.pdf.struct(tag, options as never, draw);
  }

  private head(row: Structure | null): void {
    this.pageOfHead = this.page.number;
    const { pdf } = this.page;
    for (const { column, x, width } of this.columns) {
      const title = this.page.text.fit(column.title, width).shown;
      const draw = () => {
        this.page.use('bold', BODY, FAINT);
        this.write(title, x, width, column);
      };
      if (row) row.add(this.cell('TH', null, draw));
      else draw();
    }
    const rule = () =>
      pdf
        .moveTo(MARGIN, this.page.y + ROW - 1)
        .lineTo(MARGIN + this.page.width, this.page.y + ROW - 1)
        .lineWidth(0.5)
        .stroke(LINE);
    if (row) this.page.decorate(rule);
    else rule();
    this.page.y += ROW + 2;
  }

  private write(text: string, x: number, width: number, column: ExportColumn): void {
    const { pdf } = this.page;
    const indent = RIGHT.includes(column.kind) ? width - this.page.text.widthOf(text) : 0;
    if (text !== '') pdf.text(text, x + Math.max(indent, 0), this.page.y, { lineBreak: false });
  }
}
