import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';

/** Written by the ingest alone, read through owner-rights views: neither row-level security nor grants (ADR 0030). */
const METRIC_TABLES = [
  'gpu_activity',
  'gpu_days',
  'gpu_days_to_pack',
  'gpu_live',
  'gpu_minutes',
  'instance_days',
  'instance_days_to_make',
  'metric_retention',
];
/** Look-ups of an id alone, before a tenant is known; the ids are random or the installation's own. */
const NOT_TENANT_FIRST = new Set(['agents_by_id', 'api_keys_by_id', 'enrollment_tokens_by_id']);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
const rows = (sql: string) => database.db.system((tx) => tx.rows<Record<string, string>>(sql));
const IS_PARTITION = 'c.relispartition';
const TENANT_TABLES = `
  SELECT c.oid, c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced, ${IS_PARTITION} AS part, c.relacl
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
  WHERE c.relnamespace = 'flotilla'::regnamespace AND c.relkind IN ('r', 'p')`;

describe('the catalogue of tables', () => {
  it('has row-level security, enabled and forced, on every tenant table but the metric tables', async () => {
    const open = await rows(
      `SELECT name FROM (${TENANT_TABLES}) t WHERE NOT part AND NOT (enabled AND forced) ORDER BY name`,
    );
    expect(open.map((row) => row['name'])).toEqual(METRIC_TABLES);
  });

  it('grants nothing on metric tables and on partitions to the application, and to the system one look', async () => {
    const granted = await rows(`
      SELECT t.name, g.grantee::regrole::text AS role, g.privilege_type AS privilege
      FROM (${TENANT_TABLES}) t CROSS JOIN LATERAL aclexplode(t.relacl) g
      WHERE (t.part OR t.name = ANY ('{${METRIC_TABLES.join(',')}}')) AND g.grantee IN ('flotilla_app'::regrole, 'flotilla_system'::regrole, 0)`);
    // the built-in rule on full disks reads the newest values of all tenants at once
    expect(granted).toEqual([{ name: 'gpu_live', role: 'flotilla_system', privilege: 'SELECT' }]);
    const onPartitions = await rows(`
      SELECT t.name FROM (${TENANT_TABLES}) t CROSS JOIN LATERAL aclexplode(t.relacl) g WHERE t.part AND g.grantee = 'flotilla_ingest'::regrole`);
    expect(onPartitions).toEqual([]);
  });

  it('lets nobody but the ingest write metric tables', async () => {
    const table = `SELECT has_table_privilege('flotilla_app', 'flotilla.gpu_minutes', 'INSERT') AS app,
      has_table_privilege('flotilla_system', 'flotilla.gpu_minutes', 'INSERT') AS system, has_table_privilege('flotilla_ingest', 'flotilla.gpu_minutes', 'INSERT') AS ingest`;
    expect(await rows(table)).toEqual([{ app: false, system: false, ingest: true }]);
  });

  it('shows metric tables through security-barrier views of the owner only', async () => {
    const views = await rows(`
      SELECT DISTINCT v.relname AS name, coalesce(v.reloptions @> '{security_barrier=true}', false) AS barrier, coalesce(v.reloptions @> '{security_invoker=true}', false) AS invoker
      FROM pg_class v JOIN pg_rewrite r ON r.ev_class = v.oid JOIN pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_class c ON c.oid = d.refobjid AND c.relname = ANY ('{${METRIC_TABLES.join(',')}}')
      WHERE v.relkind = 'v' ORDER BY 1`);
    expect(views.length).toBeGreaterThanOrEqual(4);
    expect(views.filter((view) => !view['barrier'] || view['invoker'])).toEqual([]);
  });

  it('begins every unique index of a tenant table with the tenant', async () => {
    const others = await rows(`
      SELECT x.indexrelid::regclass::text AS index FROM pg_index x JOIN (${TENANT_TABLES}) t ON t.oid = x.indrelid
      WHERE x.indisunique AND (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = x.indrelid AND a.attnum = x.indkey[0]) IS DISTINCT FROM 'tenant_id'`);
    const names = others.map((row) => row['index']!.replace(/^flotilla\./, ''));
    expect(names.filter((name) => !NOT_TENANT_FIRST.has(name))).toEqual([]);
  });
});
