import { startTestApp } from '../../../../../test/support/app.js';
import type { TestApp } from '../../../../../test/support/app.js';
import { Metering } from '../index.js';

const HEADER =
  'BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ProviderName,ServiceName,ServiceCategory,ResourceId,SubAccountId';

describe('metered beside billed', () => {
  let app: TestApp;
  let admin: string;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await app.login('admin');
  });
  afterAll(() => app.close());

  const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const get = async (path: string, as = admin) => (await app.call('GET', `/api/costs${path}`, { as })).body;
  const bill = (...rows: string[]) =>
    fetch(`${app.url}/api/costs/import?file_name=bill.csv`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'text/csv' },
      body: [HEADER, ...rows].join('\n'),
    });
  const row = (amount: string, resource: string) =>
    `${amount},USD,${day}T00:00:00Z,${day}T23:00:00Z,Usage,AWS,Amazon Elastic Compute Cloud,Compute,${resource},111`;

  it('counts an instance once: as metered, and as billed when the bill comes', async () => {
    await app.db.system(async (tx) => {
      const { id } = (await tx.row<{ id: number }>(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, state, hourly_cost, hourly_cost_source)
         VALUES ($1, 'aws', 'i-1', 'running', 2, 'user') RETURNING id`,
        [app.tenantId],
      ))!;
      await tx.rows(
        `UPDATE flotilla.instance_spans SET since = date_trunc('day', now()) - interval '1 day',
                until = date_trunc('day', now()) WHERE instance_id = $1`,
        [id],
      );
    });
    await app.app.get(Metering).meter(app.tenantId);
    const summary = `/summary?start_date=${day}&end_date=${day}`;
    expect((await get(summary)).data).toMatchObject({ total_cost: 48, record_count: 1, unpriced_instances: 0 });
    expect((await bill(row('45.5', 'i-1'), row('1', 'i-other'), 'broken')).status).toBe(200);
    expect((await get(summary)).data).toMatchObject({ total_cost: 46.5, record_count: 2 });
    const { data } = await get(`/reconciliation?start_date=${day}&end_date=${day}`);
    expect(data).toMatchObject({
      // 46.5 − 48 = −1.5, 3.13 % of 48: the bill has a machine that nobody metered
      totals: { metered: 48, reported: null, billed: 46.5, difference: -1.5, difference_percent: -3.13 },
      by_provider: [{ cloud_provider: 'aws', difference: -1.5 }],
      by_day: [{ date: day, cloud_provider: 'aws' }],
      by_instance: [{ instance_id: 'i-1', metered: 48, billed: 45.5, difference: -2.5, difference_percent: -5.21 }],
      replaced: { amount: 48, record_count: 1 },
    });
  });

  it('says so where a price is not known', async () => {
    await app.db.system((tx) =>
      tx.rows(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, state)
         VALUES ($1, 'aws', 'i-unpriced', 'running'), ($1, 'aws', 'i-lost', 'unknown')`,
        [app.tenantId],
      ),
    );
    expect((await get('/summary')).data).toMatchObject({ unpriced_instances: 1, unknown_state_instances: 1 });
  });

  it('lists the imports with what they left out', async () => {
    const { data, pagination } = await get('/imports', await app.login('viewer'));
    expect(pagination.total).toBe(1);
    expect(data).toMatchObject([
      { file_name: 'bill.csv', rows: 3, accepted: 2, rejected: 1, rejections: [{ line: 4 }], first_day: day },
    ]);
    const stranger = await app.login('admin', await app.newTenant());
    expect((await get('/imports', stranger)).data).toEqual([]);
    expect((await get('/reconciliation', stranger)).data).toMatchObject({ by_provider: [], totals: { metered: null } });
  });
});
