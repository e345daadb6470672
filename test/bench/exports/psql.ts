import { spawnSync } from 'node:child_process';
import { inlineValues } from '@flotilla/persistence';
import type { Db } from '@flotilla/persistence';
import { COSTS_EXPORT } from '../../../apps/control-plane/dist/costs/index.js';
import { csvStatement } from '../../../apps/control-plane/dist/exports/copy.sql.js';

/**
 * What psql's `\copy` takes for the very statement of the export and for the bare table, in the same run: an export that
 * the database formats cannot be much faster than that. null: there is no psql on this machine.
 */
export async function psqlCopies(db: Db, url: string, tenantId: string, query: object, rows: number) {
  const source = await db.read({ tenantId }, async (tx) =>
    COSTS_EXPORT.source(tx, { tenantId } as never, query as Parameters<typeof COSTS_EXPORT.source>[2]),
  );
  const statement = inlineValues(csvStatement(COSTS_EXPORT as never, source), source.values);
  const seconds = (what: string) => {
    const sent = [
      `SET ROLE flotilla_app`,
      `SET flotilla.tenant_id = '${tenantId}'`,
      `\\copy ${what} TO '/dev/null' (FORMAT csv)`,
    ];
    const begun = performance.now();
    const psql = spawnSync('psql', [url, '-q', '-v', 'ON_ERROR_STOP=1', ...sent.flatMap((line) => ['-c', line])], {
      encoding: 'utf8',
    });
    if (psql.error) return null;
    if (psql.status !== 0) throw new Error(`psql: ${psql.stderr}`);
    return (performance.now() - begun) / 1000;
  };
  const same = seconds(`(${statement.replaceAll('\n', ' ')})`);
  const table = seconds('(SELECT * FROM flotilla.costs)');
  return same === null || table === null
    ? null
    : { same_rows_per_second: Math.round(rows / same), bare_table_rows_per_second: Math.round(rows / table) };
}
