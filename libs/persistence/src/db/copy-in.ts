import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** Rows in COPY's text format, in pieces that end anywhere. */
export type CopyInRows = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/** @param into table and columns, a name of ours and no text from outside */
export async function copyIn(client: PoolClient, into: string, rows: CopyInRows): Promise<void> {
  await pipeline(Readable.from(rows, { objectMode: false }), client.query(copyFrom(`COPY ${into} FROM STDIN`)));
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** One row of COPY's text format. A NUL, which PostgreSQL cannot keep, is left out. */
export function copyLine(values: readonly (string | number | boolean | null | undefined)[]): string {
  return `${values.map(copyCell).join('\t')}\n`;
}

function copyCell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '\\N';
  if (typeof value !== 'string') return String(value);
  // most texts need nothing
  return /[\\\t\n\r\0]/.test(value)
    ? value.replaceAll('\0', '').replace(/[\\\t\n\r]/g, (character) => ESCAPES[character]!)
    : value;
}
