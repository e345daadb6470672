import { Readable } from 'node:stream';
import type { Socket } from 'node:net';

const CHUNK_BYTES = 64 * 1024;
const [LF, CR] = [10, 13];

/** Messages of the server (PostgreSQL, "Message Formats"): a type of one byte, and a length that counts itself. */
const HEAD_BYTES = 5;
const LENGTH_BYTES = 4;
const COPY_DATA = 'd'.charCodeAt(0);
/** CopyOutResponse, CopyDone, NoticeResponse, ParameterStatus: say nothing that a reader of rows needs. */
const PASSED_OVER: ReadonlySet<number> = new Set(['H', 'c', 'N', 'S'].map((type) => type.charCodeAt(0)));

/** What of pg's connection is used: `client.query(submittable)` hands it over. */
interface PgConnection {
  readonly stream: Socket;
  query(text: string): void;
}

type DataListener = (data: Buffer) => void;

/**
 * The rows of a `COPY … TO STDOUT`, gathered into chunks of 64 KiB. The server sends a message per row; to make an object
 * of each, let alone push it through a chain of streams, costs more than to format it did. So the bytes are taken from the
 * socket here, and pg gets it back with the first message that is no row.
 *
 * A submittable of pg (as pg-cursor is): give it to `client.query`.
 *
 * @param endOfRow RFC 4180 ends records with CRLF, PostgreSQL with LF. A message is a row, so the end of it is known
 *   without looking for quotes.
 */
export class CopyOutStream extends Readable {
  rowCount = 0;
  private chunk: Buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  private readonly spare: Buffer[] = [];
  private filled = 0;
  private connection: PgConnection | undefined;
  private listenersOfPg: DataListener[] = [];
  private readonly head = Buffer.alloc(HEAD_BYTES);
  private headBytes = 0;
  /** Bytes of the row that are still to come. */
  private missing = 0;
  private toSkip = 0;

  constructor(
    private readonly text: string,
    private readonly endOfRow: 'crlf' | 'lf',
  ) {
    super({ highWaterMark: 4 * CHUNK_BYTES });
  }

  submit(connection: PgConnection): void {
    this.connection = connection;
    this.listenersOfPg = connection.stream.listeners('data') as DataListener[];
    for (const listener of this.listenersOfPg) connection.stream.off('data', listener);
    connection.stream.on('data', this.onData);
    connection.query(this.text);
  }

  /**
   * Takes a chunk back that its reader has done with: memory outside the heap makes the collector run more often than all
   * objects do.
   */
  recycle(chunk: Buffer): void {
    if (chunk.buffer.byteLength === CHUNK_BYTES) this.spare.push(Buffer.from(chunk.buffer));
  }

  override _read(): void {
    this.connection?.stream.resume();
  }

  handleCommandComplete(message: { readonly text?: string }): void {
    this.rowCount = Number(/^COPY (\d+)/.exec(message.text ?? '')?.[1] ?? 0);
  }

  handleReadyForQuery(): void {
    if (this.filled > 0) this.push(this.chunk.subarray(0, this.filled));
    this.push(null);
    // nobody asks for more, and the connection goes on to its next statement
    this.connection?.stream.resume();
  }

  handleError(error: Error): void {
    this.destroy(error);
  }

  handleCopyData(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleCopyInResponse(): void {}

  private readonly onData = (data: Buffer): void => {
    if (this.destroyed) return;
    for (let at = 0; at < data.length;) {
      if (this.missing > 0) at += this.fill(data, at);
      else if (this.toSkip > 0) at += this.passOver(data.length - at);
      else {
        const taken = data.copy(this.head, this.headBytes, at, at + HEAD_BYTES - this.headBytes);
        at += taken;
        this.headBytes += taken;
        if (this.headBytes < HEAD_BYTES) return;
        this.headBytes = 0;
        const bytes = this.head.readInt32BE(1) - LENGTH_BYTES;
        if (this.head[0] === COPY_DATA) this.beginRow(bytes);
        else if (PASSED_OVER.has(this.head[0]!)) this.toSkip = bytes;
        else return this.giveBack(data.subarray(at));
      }
    }
  };

  /** @param bytes of the row, with the LF that ends it */
  private beginRow(bytes: number): void {
    this.missing = bytes;
    if (this.filled + bytes + 1 <= this.chunk.length) return;
    if (this.filled > 0 && !this.push(this.chunk.subarray(0, this.filled))) this.connection?.stream.pause();
    const fits = bytes + 1 <= CHUNK_BYTES;
    this.chunk = (fits && this.spare.pop()) || Buffer.allocUnsafe(Math.max(CHUNK_BYTES, bytes + 1));
    this.filled = 0;
  }

  private fill(data: Buffer, at: number): number {
    const taken = data.copy(this.chunk, this.filled, at, at + this.missing);
    this.filled += taken;
    this.missing -= taken;
    if (this.missing === 0 && this.endOfRow === 'crlf') {
      this.chunk[this.filled - 1] = CR;
      this.chunk[this.filled++] = LF;
    }
    return taken;
  }

  private passOver(most: number): number {
    const skipped = Math.min(this.toSkip, most);
    this.toSkip -= skipped;
    return skipped;
  }

  private giveBack(rest: Buffer): void {
    const { stream } = this.connection!;
    stream.off('data', this.onData);
    for (const listener of this.listenersOfPg) stream.on('data', listener);
    const unread = Buffer.concat([this.head, rest]);
    for (const listener of this.listenersOfPg) listener(unread);
  }
}
