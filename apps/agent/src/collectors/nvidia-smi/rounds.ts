import type { Column } from './fields.js';
import { indexOf, parseRow, uuidOf, type Row } from './rows.js';

export interface RoundEvents {
  /** A row, as soon as its line is complete. */
  row(row: Row): void;
  /** A line that is no row: a warning, an error about one GPU, an Xid, garbage. */
  stray(line: string): void;
  /** All rows of one pass over the GPUs. */
  round(rows: readonly Row[]): void;
}

/** Lines longer than this are cut: no row is, and a tool gone mad must not fill the memory. */
const MAX_LINE = 16_384;

/**
 * Cuts the output of `-lms` into rounds. Nothing separates one pass over the GPUs from the next: a round ends when the
 * index does not grow or a uuid comes again, so its end is known one interval late. The number of known GPUs is no help:
 * it is wrong exactly when it matters, when one has just gone or come. Rows are handed on at once.
 */
export class RoundReader {
  private rest = '';
  private rows: Row[] = [];
  private uuids = new Set<string>();
  private last = -1;
  private sizeBefore = 0;

  constructor(
    private readonly columns: readonly Column[],
    private readonly events: RoundEvents,
  ) {}

  push(chunk: string): void {
    const lines = (this.rest + chunk).split('\n');
    this.rest = (lines.pop() as string).slice(-MAX_LINE);
    for (const line of lines) this.line(line.replace(/\r$/, '').slice(0, MAX_LINE));
  }

  /** The output ended: what is left of a line is stray (it may be cut), what is left of a round is a round. */
  end(): void {
    const rest = this.rest;
    this.rest = '';
    const row = rest === '' ? null : parseRow(rest.replace(/\r$/, ''), this.columns);
    // A whole last row without its line end is what one-shot calls of some versions print.
    if (row) this.take(row);
    else if (rest.trim() !== '') this.events.stray(rest);
    this.close();
  }

  private line(line: string): void {
    if (line.trim() === '' || this.isHeader(line)) return;
    const row = parseRow(line, this.columns);
    if (row) this.take(row);
    else this.events.stray(line);
  }

  private take(row: Row): void {
    const index = indexOf(row);
    const uuid = uuidOf(row);
    const again = (index !== undefined && index <= this.last) || (uuid !== undefined && this.uuids.has(uuid));
    if (again || (isNameless(row) && this.isFull())) this.close();
    this.rows.push(row);
    if (uuid !== undefined) this.uuids.add(uuid);
    if (index !== undefined) this.last = index;
    this.events.row(row);
  }

  /**
   * Whether a row of errors, which says neither index nor uuid, begins a new round: when there are as many rows as in the
   * round before, or in the first round when two such rows follow each other.
   */
  private isFull(): boolean {
    if (this.sizeBefore > 0) return this.rows.length >= this.sizeBefore;
    const newest = this.rows.at(-1);
    return newest !== undefined && isNameless(newest);
  }

  private close(): void {
    if (this.rows.length === 0) return;
    const rows = this.rows;
    this.sizeBefore = rows.length;
    this.rows = [];
    this.uuids = new Set();
    this.last = -1;
    this.events.round(rows);
  }

  /** The header comes once where the tool ignores `noheader`. */
  private isHeader(line: string): boolean {
    const first = this.columns[0];
    return first !== undefined && line.startsWith(first.asked) && line.includes(',');
  }
}

const isNameless = (row: Row): boolean => indexOf(row) === undefined && uuidOf(row) === undefined;
