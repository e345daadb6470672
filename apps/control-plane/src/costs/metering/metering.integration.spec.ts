import { createTestDatabase } from '../../../../../test/support/database.js';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { createTenant } from '../../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../../test/support/fleet.js';
import { CostLedger } from '../cost-ledger.js';
import { Reconciliation } from '../reconciliation/reconciliation.service.js';
import { Metering } from './metering.service.js';

describe('metering', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let metering: Metering;

  beforeAll(async () => {
    database = await createTestDatabase();
    metering = new Metering(database.db, new CostLedger(), new Reconciliation());
  });
  afterAll(() => database.close());
  beforeEach(async () => (tenant = await createTenant(database.db)));

  const sql = (text: string, values: unknown[] = []) => database.db.system((tx) => tx.rows(text, values));
  const meter = () => metering.meter(tenant.tenantId);
  /** The spans of an instance as if they had always been: hours from the beginning of the UTC day before yesterday. */
  const history = async (id: number, ...spans: [number, number | null, string, string | null][]) => {
    await sql('DELETE FROM flotilla.instance_spans WHERE tenant_id = $1 AND instance_id = $2', [tenant.tenantId, id]);
    for (const [since, until, state, price] of spans) {
      await sql(
        `INSERT INTO flotilla.instance_spans (tenant_id, instance_id, state, hourly_cost, currency, since, until)
         SELECT $1, $2, $5, $6, 'USD', d.day + $3 * interval '1 hour', d.day + $4 * interval '1 hour'
           FROM (SELECT date_trunc('day', now()) - interval '2 days' AS day) d`,
        [tenant.tenantId, id, since, until, state, price],
      );
    }
  };
  const charges = (more = '') =>
    sql(
      `SELECT c.charge_day - (current_date - 2) AS day, c.billed_cost::text AS amount, c.consumed_quantity::text AS seconds,
              c.estimated, c.instance_id AS id ${more} FROM flotilla.costs c WHERE c.tenant_id = $1
        ORDER BY c.charge_day, c.billed_cost`,
      [tenant.tenantId],
    );

  it('charges price × time in state by day, and says so again without changing anything', async () => {
    const id = await tenant.instance({ cloudProvider: 'aws' });
    // 22:00 to 01:00 at 3.06, then 4 until 06:00, and stopped
    await history(id, [22, 25, 'running', '3.06'], [25, 30, 'running', '4'], [30, null, 'stopped', '4']);
    expect(await meter()).toBe(3);
    const expected = [
      { day: 0, amount: '6.12', seconds: '7200', estimated: false, id },
      { day: 1, amount: '3.06', seconds: '3600', estimated: false, id },
      { day: 1, amount: '20', seconds: '18000', estimated: false, id },
    ];
    expect(await charges()).toEqual(expected);
    const before = await charges(', c.id AS row, c.updated_at, c.xmin::text');
    await meter();
    expect(await charges(', c.id AS row, c.updated_at, c.xmin::text')).toEqual(before);
  });

  it('follows a correction: what was told late is charged, and what was not so is gone', async () => {
    const id = await tenant.instance({ cloudProvider: 'aws' });
    await history(id, [0, null, 'running', '2']);
    await meter();
    expect((await charges()).slice(0, 2).map(({ amount }) => amount as string)).toEqual(['48', '48']);
    // it was off since noon of the first day, and has cost 3 an hour
    await sql(
      `UPDATE flotilla.instance_spans SET until = since + interval '12 hours', hourly_cost = 3 WHERE tenant_id = $1`,
      [tenant.tenantId],
    );
    await meter();
    expect(await charges()).toEqual([{ day: 0, amount: '36', seconds: '43200', estimated: false, id }]);
  });

  it('keeps the open day estimated and makes it final when it is over', async () => {
    const id = await tenant.instance({ cloudProvider: 'aws' });
    await history(id, [47, null, 'running', '1']);
    await meter();
    const [, today] = await charges();
    expect(today).toMatchObject({ day: 2, estimated: true });
    // as if the job had run yesterday only
    await sql(
      `UPDATE flotilla.costs SET estimated = true, billed_cost = 0.5, content_digest = sha256('') WHERE tenant_id = $1`,
      [tenant.tenantId],
    );
    await sql(`UPDATE flotilla.metering_progress SET metered_to = now() - interval '1 day' WHERE tenant_id = $1`, [
      tenant.tenantId,
    ]);
    await meter();
    expect((await charges())[0]).toMatchObject({ day: 1, amount: '1', estimated: false });
  });

  it('charges nothing at a price that nobody knows, and owned machines on or off', async () => {
    const unpriced = await tenant.instance({ cloudProvider: 'aws' });
    const owned = await tenant.instance({ cloudProvider: 'on_prem' });
    await history(unpriced, [0, null, 'running', null]);
    await history(owned, [0, 24, 'stopped', '0.5'], [24, null, 'terminated', '0.5']);
    await meter();
    expect(await charges()).toEqual([{ day: 0, amount: '12', seconds: '86400', estimated: false, id: owned }]);
  });

  it('tells instances apart that two providers call the same, and marks simulated ones', async () => {
    const one = await tenant.instance({ cloudProvider: 'aws', providerId: 'i-1' });
    const other = await tenant.instance({ cloudProvider: 'lambda', providerId: 'i-1' });
    await history(one, [0, 1, 'running', '1'], [1, null, 'stopped', '1']);
    await history(other, [0, 1, 'running', '2'], [1, null, 'stopped', '2']);
    await sql('UPDATE flotilla.instances SET simulated = true WHERE tenant_id = $1 AND id = $2', [
      tenant.tenantId,
      other,
    ]);
    await meter();
    expect(await charges(', c.simulated')).toMatchObject([
      { id: one, amount: '1', simulated: false },
      { id: other, amount: '2', simulated: true },
    ]);
  });
});
