import { Readable } from 'node:stream';
import type { Socket } from 'node:net';

const CHUNK_BYTES = 64 * 1024;
const CRLF = Buffer.from('\r\n');
const LF = Buffer.from('\n');

/** What of pg's connection is used: `client.query(submittable)` hands it over. */
interface PgConnection {
  readonly stream: Socket;
  query(text: string): void;
}

/**
 * The rows of a `COPY … TO STDOUT`, gathered into chunks of 64 KiB. The server sends a message per row; to push each of
 * them through a chain of streams costs more than to format it did.
 *
 * A submittable of pg (as pg-cursor is): give it to `client.query`.
 *
 * @param endOfRow RFC 4180 ends records with CRLF, PostgreSQL with LF. A message is a row, so the end of it is known
 *   without looking for quotes.
 */
export class CopyOutStream extends Readable {
  rowCount = 0;
  private chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  private filled = 0;
  private connection: PgConnection | undefined;
  private readonly end: Buffer;

  constructor(
    private readonly text: string,
    endOfRow: 'crlf' | 'lf',
  ) {
    super({ highWaterMark: 4 * CHUNK_BYTES });
    this.end = endOfRow === 'crlf' ? CRLF : LF;
  }

  submit(connection: PgConnection): void {
    this.connection = connection;
    connection.query(this.text);
  }

  override _read(): void {
    this.connection?.stream.resume();
  }

  /** One row, with the LF that ends it. */
  handleCopyData(message: { readonly chunk: Buffer }): void {
    const row = message.chunk;
    const length = row.length - 1;
    if (this.filled + length + 2 > this.chunk.length) this.flush(length + 2);
    row.copy(this.chunk, this.filled, 0, length);
    this.filled += length;
    this.filled += this.end.copy(this.chunk, this.filled);
  }

  handleCommandComplete(message: { readonly text?: string }): void {
    this.rowCount = Number(/^COPY (\d+)/.exec(message.text ?? '')?.[1] ?? 0);
  }

  handleReadyForQuery(): void {
    this.flush(0);
    this.push(null);
  }

  handleError(error: Error): void {
    this.destroy(error);
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleCopyInResponse(): void {}

  private flush(next: number): void {
    if (this.filled === 0 && next <= this.chunk.length) return;
    if (this.filled > 0 && !this.push(this.chunk.subarray(0, this.filled))) this.connection?.stream.pause();
    this.chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, next));
    this.filled = 0;
  }
}
