import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** @param into table and columns, a name of ours and no text from outside */
export async function copyIn(
  client: PoolClient,
  into: string,
  rows: AsyncIterable<string> | Iterable<string>,
): Promise<void> {
  await pipeline(Readable.from(rows, { objectMode: false }), client.query(copyFrom(`COPY ${into} FROM STDIN`)));
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** One row of COPY's text format. A NUL, which PostgreSQL cannot keep, is left out. */
export function copyLine(values: readonly (string | number | boolean | null | undefined)[]): string {
  let line = '';
  for (const [index, value] of values.entries()) {
    if (index > 0) line += '\t';
    line +=
      value === null || value === undefined
        ? '\\N'
        : typeof value === 'string'
          ? // most texts need nothing
            /[\\\t\n\r\0]/.test(value)
            ? value.replaceAll('\0', '').replace(/[\\\t\n\r]/g, (character) => ESCAPES[character]!)
            : value
          : String(value);
  }
  return `${line}\n`;
}
