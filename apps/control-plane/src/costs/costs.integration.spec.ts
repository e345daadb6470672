import { costRecord } from '@flotilla/domain';
import type { CostRecord } from '@flotilla/domain';
import { systemActor } from '@flotilla/persistence';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { CostLedger } from './cost-ledger.js';

const DAY_MS = 86_400_000;
const today = new Date();
const day = (ago: number) => new Date(today.getTime() - ago * DAY_MS).toISOString().slice(0, 10);
let serial = 0;
const charge = (ago: number, amount: string, more: Partial<CostRecord> = {}) =>
  costRecord({
    origin: 'reported',
    source: 'sync',
    recordId: String(serial++),
    chargeStart: `${day(ago)}T00:00:00.000Z`,
    chargeEnd: `${day(ago)}T01:00:00.000Z`,
    provider: 'aws',
    service: 'Amazon EC2',
    billedCost: amount,
    currency: 'USD',
    ...more,
  });

describe('GET /costs', () => {
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
      await tx.rows('DELETE FROM flotilla.currency_rates');
    }),
  );

  const keep = (...records: CostRecord[]) =>
    app.db.write(systemActor(app.tenantId, 'test'), (tx) => {
      tx.withoutAudit('test');
      return new CostLedger().store(tx, { tenantId: app.tenantId }, records);
    });
  const supersede = (where: string) =>
    app.db.system((tx) => tx.rows(`UPDATE flotilla.costs SET superseded_by = 'bill' WHERE ${where}`));
  const rate = (currency: string, ago: number, value: string) =>
    app.db.system((tx) =>
      tx.rows(
        `INSERT INTO flotilla.currency_rates (tenant_id, base, quote, day, rate, set_by) VALUES ($1, $2, 'USD', $3, $4, 'test')`,
        [app.tenantId, currency, day(ago), value],
      ),
    );
  const get = async (path: string, as = viewer) => (await app.call('GET', `/api/costs${path}`, { as })).body;

  it('lists what counts, newest first, page after page', async () => {
    await keep(
      ...Array.from({ length: 5 }, (_, ago) => charge(ago, `${ago}.5`)),
      charge(0, '99', { service: 'metered' }),
    );
    await supersede(`service = 'metered'`);
    const first = await get('?limit=2');
    expect(first.data.map((cost: { amount: number }) => cost.amount)).toEqual([0.5, 1.5]);
    const second = await get(`?limit=2&cursor=${first.pagination.next_cursor}`);
    expect(second.data.map((cost: { date: string }) => cost.date)).toEqual([day(2), day(3)]);
    expect((await get('?days=2')).count).toBe(2);
    expect((await get(`?start_date=${day(4)}&end_date=${day(3)}`)).count).toBe(2);
  });

  it('sums to the last digit, in the database', async () => {
    await keep(charge(1, '0.1'), charge(1, '0.2'), charge(2, '0.01'), charge(2, '-0.06', { chargeCategory: 'Credit' }));
    const { data } = await get('/summary');
    expect(data).toMatchObject({
      total_cost: 0.25,
      record_count: 4,
      currency: 'USD',
      unconverted: [],
      simulated: false,
    });
    expect(data.daily).toEqual([
      { date: day(2), total_cost: -0.05 },
      { date: day(1), total_cost: 0.3 },
    ]);
  });

  it('groups by service, type and provider, and keeps what is estimated apart', async () => {
    await keep(
      charge(1, '10', { instanceType: 'p5.48xlarge', estimated: true }),
      charge(1, '5', { service: 'Azure VM', provider: 'azure' }),
      charge(1, '1'),
    );
    const { data } = await get('/summary');
    expect(data.estimated_cost).toBe(10);
    expect(data.by_service).toEqual([
      { service: 'Amazon EC2', total_cost: 11, record_count: 2 },
      { service: 'Azure VM', total_cost: 5, record_count: 1 },
    ]);
    expect(data.by_instance_type).toEqual([
      { instance_type: 'p5.48xlarge', total_cost: 10, record_count: 1 },
      { instance_type: null, total_cost: 6, record_count: 2 },
    ]);
    expect(data.by_provider.map((group: { cloud_provider: string }) => group.cloud_provider)).toEqual(['aws', 'azure']);
  });

  it('answers nothing with zeros and empty lists', async () => {
    const { data } = await get('/summary');
    expect(data).toMatchObject({ total_cost: 0, record_count: 0, by_service: [], daily: [] });
    expect((await get('/by-tags?tag_key=team')).data).toMatchObject({ groups: [], time_series: [] });
  });

  it("converts at the rate of the charge's day, and lists apart what has no rate", async () => {
    await rate('EUR', 3, '1.1');
    await rate('EUR', 1, '1.2');
    const euros = (ago: number) => charge(ago, '100', { currency: 'EUR' });
    await keep(euros(1), euros(2), euros(4), charge(1, '7', { currency: 'JPY' }));
    const { data } = await get('/summary');
    expect(data.total_cost).toBe(230); // 100 × 1.2 + 100 × 1.1; before day 3 nobody gave a rate
    expect(data.unconverted).toEqual([
      { currency: 'EUR', amount: 100, record_count: 1 },
      { currency: 'JPY', amount: 7, record_count: 1 },
    ]);
    const list = (await get('')).data as { currency: string; converted_amount: number | null }[];
    expect(list.find((cost) => cost.currency === 'JPY')!.converted_amount).toBeNull();
  });

  it('asks for another kind of cost', async () => {
    await keep(charge(1, '10', { effectiveCost: '6', listCost: '20' }), charge(1, '1'));
    expect((await get('/summary?cost_type=effective')).data.total_cost).toBe(7);
    // a charge without a list price says nothing about it
    expect((await get('/summary?cost_type=list')).data).toMatchObject({ total_cost: 20, record_count: 1 });
  });

  it('follows the course of time against the period before', async () => {
    await keep(charge(0, '30'), charge(1, '20'), charge(2, '10'));
    const { data } = await get('/trends?days=2');
    expect(data.series).toMatchObject([
      { period_start: day(1), total_cost: 20, change_percent: 100, complete: true },
      { period_start: day(0), total_cost: 30, change_percent: 50 },
    ]);
    expect(data).toMatchObject({ total_cost: 50, previous_total_cost: 10, change_percent: 400 });
    expect((await get('/trends?granularity=month&days=60')).data.series.length).toBeGreaterThanOrEqual(2);
  });

  it('groups by a tag, letter by letter, and what lacks it is a group', async () => {
    await keep(
      charge(1, '10', { tags: { team: 'search' } }),
      charge(2, '5', { tags: { team: 'search' } }),
      charge(1, '3', { tags: { team: 'Search' } }),
      charge(1, '2', { tags: { Team: 'ads' } }),
      charge(1, '1', { tags: { team: '' } }),
    );
    const { data } = await get('/by-tags?tag_key=team');
    expect(data.groups).toEqual([
      { tag_value: 'search', total_cost: 15, record_count: 2 },
      { tag_value: 'Search', total_cost: 3, record_count: 1 },
      { tag_value: null, total_cost: 3, record_count: 2 },
    ]);
    expect(data.time_series).toContainEqual({ date: day(2), tag_value: 'search', total_cost: 5 });
    expect((await get('/by-tags?tag_key=TEAM&ignore_case=true')).data.groups).toEqual([
      { tag_value: 'search', total_cost: 18, record_count: 3 },
      { tag_value: 'ads', total_cost: 2, record_count: 1 },
      { tag_value: null, total_cost: 1, record_count: 1 },
    ]);
  });

  it('takes services by their exact names, which may hold commas, once or several times', async () => {
    const volumes = 'Amazon Elastic Block Store, gp3';
    await keep(charge(1, '1', { service: volumes }), charge(1, '2'), charge(1, '4', { service: 'gp3' }));
    const total = async (...services: string[]) =>
      (await get(`/summary?${new URLSearchParams(services.map((one): [string, string] => ['service', one]))}`)).data
        .total_cost;
    expect(await total(volumes)).toBe(1);
    expect(await total(volumes, 'Amazon EC2')).toBe(3);
    expect(await total('Amazon EC2,gp3')).toBe(0);
  });

  it('takes any of several values of one tag, and all of several tags', async () => {
    const tagged = (amount: string, team: string, stage: string) => charge(1, amount, { tags: { team, stage } });
    await keep(tagged('1', 'search', 'live'), tagged('2', 'ads', 'live'), tagged('4', 'ads', 'test'), charge(1, '8'));
    const total = async (query: string) => (await get(`/summary?${query}`)).data.total_cost;
    expect(await total('tag=team:search')).toBe(1);
    expect(await total('tag=team:search&tag=team:ads')).toBe(7);
    expect(await total('tag=team:search&tag=team:ads&tag=stage:live')).toBe(3);
    expect(await total('tag=team:search&tag=stage:test')).toBe(0);
    expect(await total('tag=team:search&tag=team:ads&tag=stage:live&tag=stage:test')).toBe(7);
    // a file has what the list has
    const file = await app.call('GET', '/api/exports/costs?format=json&tag=team:search&tag=stage:live', { as: viewer });
    // one line, so that the whole answer is one object
    expect(file.body).toMatchObject({ tags: { team: 'search', stage: 'live' } });
  });

  it.each(['/by-tags', '/summary?days=0', '?cost_type=guess', '/trends?granularity=year', '?instance_id=i-nowhere'])(
    'refuses %s',
    async (path) => {
      const answer = await app.call('GET', `/api/costs${path}`, { as: viewer });
      expect(answer.status).toBe(path.includes('nowhere') ? 404 : 400);
      expect(answer.body.details).toHaveProperty('field');
    },
  );

  it("shows nobody another tenant's costs", async () => {
    await keep(charge(1, '10', { tags: { team: 'search' } }));
    const stranger = await app.login('owner', await app.newTenant());
    expect((await get('', stranger)).data).toEqual([]);
    expect((await get('/summary', stranger)).data.total_cost).toBe(0);
    expect((await get('/by-tags?tag_key=team', stranger)).data.groups).toEqual([]);
  });
});
