import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { LogSource, Position, Read } from './source.js';

/** One read gives one record; the kernel makes none longer (CONSOLE_EXT_LOG_MAX). */
const BUFFER_BYTES = 16 * 1024;
const MOST_RECORDS = 2_000;

/**
 * The kernel's own ring of messages. Every open begins with the oldest record that is left, so records up to the one that
 * was read last, by the kernel's number, are passed over. Never waits: without a new record a call costs some microseconds.
 */
export class KmsgDevice implements LogSource {
  private fd: number | null = null;
  private readonly buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  private lastSeq: number;

  /** @param after how far an earlier run read in this same boot; null: from the oldest record */
  constructor(
    private readonly path: string,
    after: Position | null,
  ) {
    this.lastSeq = Number(after?.['seq'] ?? -1);
  }

  get position(): Position | null {
    return this.lastSeq < 0 ? null : { seq: this.lastSeq };
  }

  read(): Read {
    this.fd ??= openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
    const lines: string[] = [];
    let lost = false;
    for (let i = 0; i < MOST_RECORDS; i++) {
      const bytes = this.readOne(this.fd);
      if (bytes === 'none' || bytes === 0) return { lines, lost, more: false };
      if (bytes === 'overrun') lost = true;
      else if (bytes !== 'too long') this.take(this.buffer.toString('utf8', 0, bytes), lines);
    }
    return { lines, lost, more: true };
  }

  close(): void {
    if (this.fd !== null) closeSync(this.fd);
    this.fd = null;
  }

  private readOne(fd: number): number | 'none' | 'overrun' | 'too long' {
    try {
      return readSync(fd, this.buffer, 0, BUFFER_BYTES, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN' || code === 'EINTR') return 'none';
      // the ring went round over the record that was next; the next read gives the oldest that is left
      if (code === 'EPIPE') return 'overrun';
      // the record does not fit into the buffer; the kernel has stepped over it
      if (code === 'EINVAL') return 'too long';
      this.close();
      throw error;
    }
  }

  private take(record: string, lines: string[]): void {
    for (const line of record.split('\n')) {
      // what begins with a blank are the record's properties (SUBSYSTEM=, DEVICE=)
      if (line === '' || line.startsWith(' ')) continue;
      const seq = Number(/^\d+,(\d+),/.exec(line)?.[1] ?? NaN);
      if (seq <= this.lastSeq) continue;
      if (Number.isSafeInteger(seq)) this.lastSeq = seq;
      lines.push(line);
    }
  }
}
