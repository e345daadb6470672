import { randomUUID } from 'node:crypto';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { inlineValues } from './copy-out.js';
import type { CopyValue } from './copy-out.js';

describe('values in a COPY', () => {
  it.each<[string, CopyValue[], string]>([
    ['SELECT $1', ["it's"], "SELECT 'it''s'"],
    ['SELECT $1', ['back\\slash'], "SELECT  E'back\\\\slash'"],
    ['SELECT $1, $2, $1', [1, null], "SELECT '1', NULL, '1'"],
    ['SELECT $1', [['a', 'b"c', 'd\\e', 'f,g']], `SELECT  E'{"a","b\\\\"c","d\\\\\\\\e","f,g"}'`],
    ['SELECT $1', [new Date(0)], "SELECT '1970-01-01T00:00:00.000Z'"],
    ['SELECT $1', ['$2'], "SELECT '$2'"],
  ])('%s with %j is %s', (sql, values, text) => expect(inlineValues(sql, values)).toBe(text));

  it('refuses what is no value', () => {
    expect(() => inlineValues('SELECT $1', [NaN])).toThrow(RangeError);
    expect(() => inlineValues('SELECT $2', [1])).toThrow('$2 has no value');
  });
});

describe('a COPY out of the database', () => {
  let database: TestDatabase;
  const tenantId = randomUUID();

  beforeAll(async () => (database = await createTestDatabase({ exportConnections: 1 })));
  afterAll(() => database.close());

  const read = async (sql: string, values: readonly CopyValue[] = [], endOfRow: 'crlf' | 'lf' = 'lf') => {
    const copy = await database.db.copyOut({ tenantId }, sql, values, { format: 'FORMAT csv', endOfRow });
    const chunks: Buffer[] = [];
    for await (const chunk of copy.rows) chunks.push(chunk as Buffer);
    return { text: Buffer.concat(chunks).toString(), count: copy.count() };
  };

  it('gives values back as they are, whatever they hold', async () => {
    const hostile = [`'; DROP TABLE flotilla.tenants; --`, `\\'; SELECT 1; --`, '$1 $2', 'line\nbreak'];
    for (const text of hostile) {
      const { text: csv } = await read('SELECT $1::text = any ($2::text[])', [text, [text]]);
      expect(csv).toBe('t\n');
    }
  });

  it('ends records as asked, and leaves line breaks within cells alone', async () => {
    const { text, count } = await read(`SELECT * FROM (VALUES (1, 'a' || chr(10) || 'b'), (2, 'c')) v`, [], 'crlf');
    expect(text).toBe('1,"a\nb"\r\n2,c\r\n');
    expect(count).toBe(2);
  });

  it('loses nothing between chunks, and takes rows longer than a chunk', async () => {
    const { text, count } = await read(`SELECT n, repeat('x', n % 1000 * 100) FROM generate_series(1, 1500) AS n`);
    const lines = text.trimEnd().split('\n');
    expect(count).toBe(1500);
    expect(lines.map((line) => Number(line.split(',')[0]))).toEqual(Array.from({ length: 1500 }, (_, i) => i + 1));
    expect(lines.at(998)).toHaveLength(4 + 999 * 100);
  });

  it.each([1, 3, 6, 40])('gives its connection back to a reader who takes %i chunks and rests', async (chunks) => {
    // so many that the stream is full when the server has sent all
    const rows = Math.ceil((chunks * 64 * 1024) / 1001);
    const sql = `SELECT repeat('x', 1000) FROM generate_series(1, ${rows})`;
    const copy = await database.db.copyOut({ tenantId }, sql, [], { format: 'FORMAT csv', endOfRow: 'lf' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    let bytes = 0;
    for await (const chunk of copy.rows) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(rows * 1001);
    expect((await read('SELECT 1')).text).toBe('1\n');
  });

  it('knows its tenant, reads only, and gives its connection back', async () => {
    expect((await read('SELECT flotilla.current_tenant()')).text).toBe(`${tenantId}\n`);
    await expect(read('SELECT 1 / 0')).rejects.toThrow('division by zero');
    await expect(read(`SELECT nextval('flotilla.costs_id_seq')`)).rejects.toThrow(/read-only|permission denied/);
    expect((await read('SELECT 1')).text).toBe('1\n');
  });

  it.each([
    ['in the middle of the rows', 'SELECT generate_series(1, 1000000000)', true],
    // before the first row there is nothing to send by which the server would notice
    ['before the first row', 'SELECT count(*) FROM generate_series(1, 1000000000)', false],
  ])('ends the statement when its reader goes %s', async (_, sql, hasRows) => {
    const copy = await database.db.copyOut({ tenantId }, sql, [], { format: 'FORMAT csv', endOfRow: 'lf' });
    if (hasRows) await new Promise((resolve) => copy.rows.once('data', resolve));
    else await new Promise((resolve) => setTimeout(resolve, 300));
    copy.rows.destroy();
    const running = async () =>
      (await database.db.system((tx) =>
        tx.row<{ n: number }>(
          `SELECT count(*) AS n FROM pg_stat_activity
           WHERE datname = current_database() AND state = 'active' AND query LIKE 'COPY%'`,
        ),
      ))!.n;
    for (let i = 0; i < 100 && (await running()) > 0; i++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await running()).toBe(0);
    // the pool has one connection: a new one took the place of the one that was lost
    expect((await read('SELECT 1')).text).toBe('1\n');
  });

  it('does not fill the memory when its reader is slow', async () => {
    const copy = await database.db.copyOut(
      { tenantId },
      `SELECT repeat('x', 1000) FROM generate_series(1, 200000)`,
      [],
      {
        format: 'FORMAT csv',
        endOfRow: 'lf',
      },
    );
    await new Promise((resolve) => copy.rows.once('readable', resolve));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(copy.rows.readableLength).toBeLessThan(2 * 2 ** 20);
    let bytes = 0;
    for await (const chunk of copy.rows) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(200_000 * 1001);
  });
});
