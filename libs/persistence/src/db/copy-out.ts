import type { Readable } from 'node:stream';
import pg from 'pg';
import type { Pool } from 'pg';
import { CopyOutStream } from './copy-out-stream.js';

/** A value that may stand in a COPY statement, which takes no parameters. */
export type CopyValue = string | number | boolean | Date | null | readonly (string | number)[];

export interface CopyOptions {
  /** Options of COPY: `FORMAT csv, HEADER true`. */
  readonly format: string;
  readonly endOfRow: 'crlf' | 'lf';
}

export interface CopyOut {
  /** What the database formats, in chunks that end anywhere. */
  readonly rows: Readable;
  /** How many rows came; known when `rows` has ended. */
  count(): number;
  /** Takes a chunk of `rows` back, so that its memory is used again. Nothing of it may be looked at any more. */
  recycle(chunk: Buffer): void;
}

/**
 * Puts values into a statement's `$1`, `$2`, … as literals. COPY takes no parameters, so this is the one place where
 * values enter the text of a statement; each becomes a quoted literal that the server reads as the type its place asks for.
 *
 * @throws RangeError for a number that is not finite, or a `$n` without a value (bugs of the caller)
 */
export function inlineValues(sql: string, values: readonly CopyValue[]): string {
  return sql.replace(/\$(\d+)/g, (_, place: string) => {
    const value = values[Number(place) - 1];
    if (value === undefined) throw new RangeError(`$${place} has no value`);
    return literal(value);
  });
}

function literal(value: CopyValue): string {
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return pg.escapeLiteral(`{${value.map(arrayItem).join(',')}}`);
  if (value instanceof Date) return pg.escapeLiteral(value.toISOString());
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`${value} is no value of a statement`);
  return pg.escapeLiteral(String(value));
}

const arrayItem = (item: string | number) => `"${String(item).replace(/[\\"]/g, '\\$&')}"`;

/**
 * Runs `COPY (…) TO STDOUT` as one tenant, READ ONLY. The rows come as fast as they are read and no faster; destroying
 * the stream closes the connection, which ends the statement in the server at its next row.
 *
 */
export async function copyOut(
  pool: Pool,
  tenantId: string,
  sql: string,
  values: readonly CopyValue[],
  options: CopyOptions,
): Promise<CopyOut> {
  const text = `COPY (${inlineValues(sql, values)}) TO STDOUT WITH (${options.format})`;
  const client = await pool.connect();
  let lost: Error | undefined;
  const onLost = (error: Error) => {
    lost = error;
  };
  client.on('error', onLost);
  try {
    await client.query('BEGIN READ ONLY');
    await client.query(`SELECT set_config('flotilla.tenant_id', $1, true)`, [tenantId]);
  } catch (error) {
    client.off('error', onLost);
    client.release(error as Error);
    throw error;
  }
  const rows = client.query(new CopyOutStream(text, options.endOfRow) as never) as unknown as CopyOutStream;
  let ended = false;
  rows.once('end', () => (ended = true));
  rows.once('close', () => {
    // a connection in the middle of a COPY is of no use to anybody
    const giveBack = (error?: Error | boolean) => {
      client.off('error', onLost);
      client.release(error);
    };
    if (!ended || lost) return giveBack(lost ?? true);
    client.query('COMMIT').then(
      () => giveBack(),
      (error: Error) => giveBack(error),
    );
  });
  return { rows, count: () => rows.rowCount, recycle: (chunk) => rows.recycle(chunk) };
}
