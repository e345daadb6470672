import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';

const LF = 0x0a;
const QUOTE = 0x22;
const CR = 0x0d;
const BOM = Buffer.from('\uFEFF');

/**
 * Ends the records of a CSV with CRLF, as RFC 4180 asks: PostgreSQL ends them with LF. A line break within quotes is part
 * of a cell and stays as it is.
 *
 * @param bom begin with a byte order mark, by which older spreadsheets know UTF-8
 */
export class CrlfRecords extends Transform {
  private quoted = false;

  constructor(private bom: boolean) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.bom) {
      this.push(BOM);
      this.bom = false;
    }
    const ends = this.recordEnds(chunk);
    const out = Buffer.allocUnsafe(chunk.length + ends.length);
    let from = 0;
    let to = 0;
    for (const end of ends) {
      to += chunk.copy(out, to, from, end);
      out[to++] = CR;
      from = end;
    }
    chunk.copy(out, to, from);
    done(null, out);
  }

  private recordEnds(chunk: Buffer): number[] {
    const ends: number[] = [];
    let quote = chunk.indexOf(QUOTE);
    for (let lf = chunk.indexOf(LF); lf !== -1; lf = chunk.indexOf(LF, lf + 1)) {
      for (; quote !== -1 && quote < lf; quote = chunk.indexOf(QUOTE, quote + 1)) this.quoted = !this.quoted;
      if (!this.quoted) ends.push(lf);
    }
    for (; quote !== -1; quote = chunk.indexOf(QUOTE, quote + 1)) this.quoted = !this.quoted;
    return ends;
  }
}
