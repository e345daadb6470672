import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { LogSource, Position, Read } from './source.js';

const CHUNK_BYTES = 64 * 1024;
/** Of a log that was never read before, the end is enough. */
const FIRST_BYTES = 4 * 1024 * 1024;
/** A longer line is cut; the rest of it is thrown away, not kept. */
const MOST_LINE = 8 * 1024;

/** A log file that grows and is turned over: a new file (or a shorter one) in its place is read from its beginning. */
export class LogFile implements LogSource {
  private fd: number | null = null;
  private inode = '';
  private offset: number;
  private rest = '';
  private cutting = false;
  private readonly buffer = Buffer.allocUnsafe(CHUNK_BYTES);

  /** @param after how far an earlier run read; null: never before */
  constructor(
    private readonly path: string,
    private readonly after: Position | null,
  ) {
    this.offset = Number(after?.['offset'] ?? -1);
  }

  /** Up to the last whole line. */
  get position(): Position | null {
    if (this.inode === '') return this.after;
    return { inode: this.inode, offset: this.offset - this.rest.length };
  }

  read(): Read {
    const size = this.follow();
    const lines: string[] = [];
    if (this.fd === null || size <= this.offset) return { lines, lost: false, more: false };
    const bytes = readSync(this.fd, this.buffer, 0, CHUNK_BYTES, this.offset);
    this.offset += bytes;
    // a byte is a character, so that places in the file stay exact whatever garbage it holds
    this.take(this.buffer.toString('latin1', 0, bytes), lines);
    return { lines, lost: false, more: this.offset < size };
  }

  close(): void {
    if (this.fd !== null) closeSync(this.fd);
    this.fd = null;
  }

  /** Opens the file that is there now. @returns its size */
  private follow(): number {
    const now = statSync(this.path, { bigint: true });
    const inode = String(now.ino);
    if (this.fd !== null) {
      // of a file that was turned over the end comes first
      const size = Number(fstatSync(this.fd).size);
      if (size > this.offset || (inode === this.inode && size === this.offset)) return size;
    }
    this.close();
    const fd = openSync(this.path, 'r');
    const opened = fstatSync(fd, { bigint: true });
    const size = Number(opened.size);
    const first = this.inode === '';
    const known = first ? String(this.after?.['inode'] ?? '') : this.inode;
    const goesOn = known === String(opened.ino) && size >= this.offset;
    if (!goesOn) this.offset = first && this.after === null ? Math.max(0, size - FIRST_BYTES) : 0;
    this.fd = fd;
    this.inode = String(opened.ino);
    this.rest = '';
    this.cutting = false;
    return size;
  }

  private take(text: string, lines: string[]): void {
    const parts = (this.rest + text).split('\n');
    this.rest = parts.pop() as string;
    for (const part of parts) {
      if (this.cutting) this.cutting = false;
      else if (part.trim() !== '') lines.push(part.slice(0, MOST_LINE));
    }
    if (this.rest.length <= MOST_LINE) return;
    if (!this.cutting) lines.push(this.rest.slice(0, MOST_LINE));
    this.cutting = true;
    this.rest = '';
  }
}
