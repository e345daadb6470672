import { randomUUID } from 'node:crypto';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { readBinaryRows } from './binary-rows.js';

describe('rows in binary', () => {
  let database: TestDatabase;
  const tenantId = randomUUID();

  beforeAll(async () => (database = await createTestDatabase({ readConnections: 1 })));
  afterAll(() => database.close());

  it('come whole, whatever their length, and NULL as NULL', async () => {
    // from some bytes to more than a chunk, so that chunks end after any number of rows
    const sql = `SELECT n::integer, CASE WHEN n % 7 = 0 THEN NULL ELSE array_fill(n::real, ARRAY[(n * n % 3000)::integer]) END
      FROM generate_series(1, $1::integer) AS n`;
    const copy = await database.db.readBinary({ tenantId }, sql, [900]);
    let rows = 0;
    await readBinaryRows(copy, 2, ({ view, at, bytes }) => {
      const n = view.getInt32(at[0]!);
      expect(n).toBe(++rows);
      if (n % 7 === 0) return expect(bytes[1]).toBe(-1);
      const length = (n * n) % 3000;
      expect(bytes[1]).toBe(length === 0 ? 12 : 20 + 8 * length);
      if (length > 0) expect(view.getFloat32(at[1]! + bytes[1]! - 4)).toBe(n);
    });
    expect(rows).toBe(900);
    expect(copy.count()).toBe(900);
  });

  it('may be none, and their connection is given back, also when the reader fails', async () => {
    const read = async (sql: string, onRow: () => void = () => undefined) =>
      readBinaryRows(await database.db.readBinary({ tenantId }, sql, []), 1, onRow);
    await read('SELECT 1 WHERE false', () => {
      throw new Error('there is no row');
    });
    await expect(read('SELECT 1 / 0')).rejects.toThrow('division by zero');
    await expect(read('SELECT 1, 2')).rejects.toThrow('1 fields were asked for, 2 came');
    await expect(
      read('SELECT generate_series(1, 100000)', () => {
        throw new Error('no more');
      }),
    ).rejects.toThrow('no more');
    let seen = 0;
    await read('SELECT 1', () => seen++);
    expect(seen).toBe(1);
  });
});
