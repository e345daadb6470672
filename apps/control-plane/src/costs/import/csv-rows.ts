/** A text that is no CSV: what comes after the line means nothing. */
export class BrokenCsvError extends Error {
  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message);
    this.name = 'BrokenCsvError';
  }
}

/** A row of more text than this is no row of a bill but a quote that never ends. */
const LONGEST_ROW = 1024 * 1024;
const [QUOTE, COMMA, LF, CR] = [34, 44, 10, 13];

/**
 * The rows of a CSV (RFC 4180; LF, CRLF or CR; blank lines are skipped) whose text comes in pieces that end anywhere.
 * Written for bills of millions of rows: a reader that looks at each byte through a state machine takes longer than all
 * the rest of an import together.
 */
export class CsvRows {
  private rest = '';
  private line = 1;
  private isFirst = true;

  /** @param onRow called for each row in turn, with the line that it begins in, from 1 */
  constructor(private readonly onRow: (cells: string[], line: number) => void) {}

  /** @throws BrokenCsvError */
  push(text: string): void {
    this.read(this.rest === '' ? text : this.rest + text, false);
    if (this.rest.length > LONGEST_ROW) {
      throw new BrokenCsvError(this.line, `a row is longer than ${LONGEST_ROW} characters: is a quote not closed?`);
    }
  }

  /** To be called once after the last piece. @throws BrokenCsvError */
  end(): void {
    this.read(this.rest, true);
  }

  private read(whole: string, isLast: boolean): void {
    if (whole === '') return;
    const text = this.isFirst && whole.charCodeAt(0) === 0xfeff ? whole.slice(1) : whole;
    this.isFirst = false;
    let at = 0;
    while (at < text.length) {
      const next = this.row(text, at, isLast);
      if (next < 0) break;
      at = next;
    }
    this.rest = text.slice(at);
  }

  /** Reads the row that begins at `start`. Answers where the next one begins; -1: the text ends before the row does. */
  private row(text: string, start: number, isLast: boolean): number {
    const cells: string[] = [];
    const { length } = text;
    let at = start;
    let linesInside = 0;
    for (;;) {
      let cell: string;
      if (text.charCodeAt(at) === QUOTE) {
        const end = endOfQuoted(text, at + 1);
        if (end < 0 || (end + 1 === length && !isLast)) {
          if (isLast) throw new BrokenCsvError(this.line, 'a quote is opened and never closed');
          return -1;
        }
        cell = text.slice(at + 1, end);
        if (cell.includes('\n')) linesInside += cell.split('\n').length - 1;
        if (cell.includes('"')) cell = cell.replaceAll('""', '"');
        at = end + 1;
      } else {
        const from = at;
        at = endOfPlain(text, at);
        if (text.charCodeAt(at) === QUOTE) throw this.strayQuote(cells.length);
        cell = text.slice(from, at);
      }
      if (at < length && text.charCodeAt(at) === COMMA) {
        cells.push(cell);
        at++;
        // a comma as the very last character: another, empty cell follows
        if (at < length || isLast) continue;
        return -1;
      }
      if (at >= length && !isLast) return -1;
      const end = text.charCodeAt(at);
      if (at < length && end !== LF && end !== CR) throw this.strayQuote(cells.length);
      if (end === CR && at + 1 === length && !isLast) return -1;
      at += end === CR && text.charCodeAt(at + 1) === LF ? 2 : 1;
      const { line } = this;
      this.line += linesInside + 1;
      if (cells.length > 0 || cell !== '') {
        cells.push(cell);
        this.onRow(cells, line);
      }
      return at;
    }
  }

  private strayQuote(cell: number): BrokenCsvError {
    return new BrokenCsvError(
      this.line,
      `cell ${cell + 1} has a quote that neither opens nor closes it. A cell with quotes stands in quotes, with each of its own doubled`,
    );
  }
}

/** The place of the quote that closes the cell; -1: there is none yet. */
function endOfQuoted(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text.charCodeAt(at + 1) === QUOTE) at = text.indexOf('"', at + 2);
  return at;
}

function endOfPlain(text: string, from: number): number {
  const { length } = text;
  let at = from;
  for (; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === LF || code === CR || code === QUOTE) break;
  }
  return at;
}
