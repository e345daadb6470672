import { files, read } from './tree.js';

const migrations = files('libs/persistence/migrations').map((file) => file.slice(file.lastIndexOf('/') + 1));
const parts = (name: string) => {
  const [before, rest = ''] = read(`libs/persistence/migrations/${name}`).split('-- Up Migration');
  const [up = '', down] = rest.split('-- Down Migration');
  return { before: before ?? '', up, down };
};
const statements = (sql: string) => sql.replace(/--.*$/gm, '').trim();

/** Tables with a tenant column that row-level security does not cover, and what guards them instead. */
const UNPROTECTED: Readonly<Record<string, string>> = {
  'flotilla.gpu_minutes': 'no grants; read through flotilla.my_gpu_minutes',
  'flotilla.gpu_days': 'no grants; read through flotilla.my_gpu_days',
  'flotilla.gpu_days_to_pack': 'no grants; the packing alone reads it',
  'flotilla.gpu_live': 'no grants; read through flotilla.my_gpu_live',
  'flotilla.gpu_activity': 'no grants; read through flotilla.my_gpu_activity',
  'flotilla.instance_days': 'no grants; read through flotilla.my_instance_days',
  'flotilla.instance_days_to_make': 'no grants; read through flotilla.my_instance_days_to_make',
  'flotilla.metric_retention': 'no grants; the views of the owner read it',
};

it('migrations are numbered once each and named in words', () => {
  expect(migrations.filter((name) => !/^\d{4}_[a-z0-9_]+\.sql$/.test(name))).toEqual([]);
  const numbers = migrations.map((name) => name.slice(0, 4));
  expect(numbers).toEqual([...new Set(numbers)]);
});

describe.each(migrations)('%s', (name) => {
  const { before, up, down } = parts(name);

  it('goes up and down', () => {
    expect(statements(before)).toBe('');
    expect(statements(up)).not.toBe('');
    expect(statements(down ?? '')).not.toBe('');
  });

  it('protects every table that belongs to tenants', () => {
    const sql = statements(up);
    const tables = [...sql.matchAll(/CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(flotilla\.\w+)\s*\(([^]*?)\n\)/g)];
    const bare = tables
      .filter(([, , body]) => /(^|\n)\s*tenant_id /.test(body ?? ''))
      .map(([, table]) => table ?? '')
      .filter((table) => !(table in UNPROTECTED) && !sql.includes(`protect_tenant_table('${table}'`));
    expect(bare).toEqual([]);
  });

  it('runs on PostgreSQL 15', () => {
    // CREATE TABLE with a column's STORAGE came with 16; ALTER TABLE … SET STORAGE works everywhere
    expect(statements(up).match(/(?<!SET )\bSTORAGE (PLAIN|EXTERNAL|EXTENDED|MAIN)\b/g) ?? []).toEqual([]);
  });

  it('names its tables in full', () => {
    expect(
      [...statements(up).matchAll(/CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(?!flotilla\.)(\w+)/g)].map(
        (m) => m[1],
      ),
    ).toEqual([]);
  });
});
