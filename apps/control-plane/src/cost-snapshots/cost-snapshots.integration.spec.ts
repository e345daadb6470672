import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { CostSnapshotsJob } from './cost-snapshots.job.js';
import { CostSnapshots } from './index.js';

describe('/cost-snapshots', () => {
  let app: TestApp;
  let viewer: string;

  beforeAll(async () => {
    app = await startTestApp();
    viewer = await app.login('viewer');
  });
  afterAll(() => app.close());
  beforeEach(() =>
    app.db.system(async (tx) => {
      await tx.rows('DELETE FROM flotilla.costs');
      await tx.rows('DELETE FROM flotilla.cost_snapshots');
      await tx.rows('DELETE FROM flotilla.cost_snapshot_services');
    }),
  );

  const get = (query = '', as = viewer) => app.call('GET', `/api/cost-snapshots${query}`, { as });
  const take = (at: string) => app.app.get(CostSnapshots).take(app.tenantId, new Date(at));
  /** A charge from `start` for so many hours. */
  const charge = (service: string, start: string, hours: number, amount: string, more: Record<string, unknown> = {}) =>
    app.db.system((tx) =>
      tx.rows(
        `INSERT INTO flotilla.costs (tenant_id, origin, source, record_key, content_digest, charge_start, charge_end, charge_day,
           provider, service, billed_cost, effective_cost, currency, estimated, superseded_by)
         SELECT $1, 'reported', 'test', sha256(r.id::text::bytea), sha256(''), $3::timestamptz, $3::timestamptz + make_interval(hours => $4),
                ($3::timestamptz AT TIME ZONE 'UTC')::date, 'aws', $2, $5::numeric, $5::numeric, $6, $7, $8
           FROM (SELECT gen_random_uuid() AS id) r`,
        [app.tenantId, service, start, hours, amount, more['currency'] ?? 'USD', more['estimated'] ?? false, more['by'] ?? null] as never, // prettier-ignore
      ),
    );
  const WINDOW = '?from=2026-11-01&to=2026-12-01';

  it('sums the month and the last 24 hours by service, of what counts and has a rate', async () => {
    await charge('EC2', '2026-10-31T00:00:00Z', 24, '100'); // the month before
    await charge('EC2', '2026-11-05T00:00:00Z', 24, '24'); // half of it within 24 hours
    await charge('EC2', '2026-11-06T00:00:00Z', 24, '6', { estimated: true }); // what the day came to so far
    await charge('S3', '2026-11-06T00:00:00Z', 24, '2'); // told for the whole day: half of it has passed
    await charge('S3', '2026-11-02T00:00:00Z', 1, '0.3');
    await charge('EC2', '2026-11-06T00:00:00Z', 24, '999', { by: 'bill' });
    await charge('SAP', '2026-11-06T00:00:00Z', 24, '5', { currency: 'EUR' });
    await charge('EC2', '2026-11-07T00:00:00Z', 24, '50'); // not yet
    expect(await take('2026-11-06T12:00:00Z')).toBe(true);
    const { body } = await get(WINDOW);
    expect(body.data).toEqual([
      {
        at: '2026-11-06T12:00:00.000Z',
        currency: 'USD',
        month_to_date: 32.3,
        last_24h: 19,
        by_service: [
          { service: 'EC2', month_to_date: 30, last_24h: 18 },
          { service: 'S3', month_to_date: 2.3, last_24h: 1 },
        ],
        unconverted: [{ currency: 'EUR', amount: 5, record_count: 1 }],
        simulated: false,
      },
    ]);
  });

  it('keeps the first of an hour, whatever is corrected afterwards', async () => {
    await charge('EC2', '2026-11-06T00:00:00Z', 1, '1');
    expect(await take('2026-11-06T12:10:00Z')).toBe(true);
    await charge('EC2', '2026-11-06T01:00:00Z', 1, '1');
    expect(await take('2026-11-06T12:50:00Z')).toBe(false);
    expect(await take('2026-11-06T13:00:00Z')).toBe(true);
    const amounts = (await get(WINDOW)).body.data as { at: string; month_to_date: number }[];
    expect(amounts.map(({ at, month_to_date }) => [at, month_to_date])).toEqual([
      ['2026-11-06T13:00:00.000Z', 2],
      ['2026-11-06T12:10:00.000Z', 1],
    ]);
  });

  it('pages by cursor, finds one service, and refuses a window that ends before it begins', async () => {
    await charge('EC2', '2026-11-06T00:00:00Z', 1, '1');
    for (const hour of ['02', '03', '04']) await take(`2026-11-06T${hour}:00:00Z`);
    await charge('S3', '2026-11-06T04:00:00Z', 1, '7');
    await take('2026-11-06T05:00:00Z');
    const first = (await get(`${WINDOW}&limit=3`)).body;
    const second = (await get(`${WINDOW}&limit=3&cursor=${first.pagination.next_cursor}`)).body;
    expect([first.pagination.total, first.data.length, second.data.length]).toEqual([4, 3, 1]);
    const { data } = (await get(`${WINDOW}&service=S3`)).body;
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({ month_to_date: null, by_service: [{ service: 'S3', month_to_date: 7 }] });
    expect((await get('?from=2026-11-02&to=2026-11-01')).body).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { field: 'from' },
    });
  });

  it('tells which services it tracks, with what each cost last', async () => {
    await charge('EC2', '2026-11-06T00:00:00Z', 1, '1');
    await take('2026-11-06T02:00:00Z');
    await charge('EC2', '2026-11-06T02:00:00Z', 1, '2');
    await charge('S3', '2026-11-06T02:00:00Z', 1, '7');
    await take('2026-11-06T04:00:00Z');
    const ec2 = { first_seen_at: '2026-11-06T02:00:00.000Z', last_seen_at: '2026-11-06T04:00:00.000Z' };
    expect((await get('/services')).body).toMatchObject({
      data: [
        { service: 'EC2', ...ec2, currency: 'USD', month_to_date: 3, last_24h: 3 },
        { service: 'S3', first_seen_at: '2026-11-06T04:00:00.000Z', month_to_date: 7 },
      ],
      pagination: { total: 2 },
    });
    const stranger = await app.login('admin', await app.newTenant());
    expect((await get('/services', stranger)).body.data).toEqual([]);
    expect((await get(WINDOW, stranger)).body.data).toEqual([]);
    expect((await app.call('GET', '/api/cost-snapshots')).status).toBe(401);
    expect((await get('', await app.apiKey(['agent']))).status).toBe(403);
  });

  it('takes one an hour of tenants with charges, and forgets those of 400 days ago', async () => {
    await charge('EC2', '2025-09-01T00:00:00Z', 1, '1');
    await take('2025-09-01T12:00:00Z');
    const job = app.app.get(CostSnapshotsJob);
    await job.run();
    await job.run();
    const kept = await app.db.system((tx) =>
      tx.rows(`SELECT s.tenant_id, s.at > now() - interval '1 minute' AS is_new FROM flotilla.cost_snapshots s`),
    );
    expect(kept).toEqual([{ tenant_id: app.tenantId, is_new: true }]);
    expect((await get('/services')).body.data).toEqual([]);
    expect((await get()).body.data).toMatchObject([{ month_to_date: 0, by_service: [] }]);
  });
});
