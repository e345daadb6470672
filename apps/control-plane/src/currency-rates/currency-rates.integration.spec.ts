import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';

const EUR = { base: 'EUR', quote: 'USD', day: '2026-10-01', rate: '1.087512345678901234' };

describe('/currency-rates', () => {
  let app: TestApp;
  let admin: string;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await app.login('admin');
  });
  afterAll(() => app.close());
  beforeEach(() => app.db.system((tx) => tx.rows('DELETE FROM flotilla.currency_rates')));

  const put = (body: unknown, as = admin) => app.call('PUT', '/api/currency-rates', { as, body });
  const rates = async (query = '', as = admin) =>
    (await app.call('GET', `/api/currency-rates${query}`, { as })).body.data as {
      id: number;
      rate: string;
      day: string;
    }[];

  it('keeps every digit of a rate, and corrects it in its place', async () => {
    const first = await app.call('POST', '/api/currency-rates', { as: admin, body: EUR });
    expect(first).toMatchObject({ status: 201, body: { data: EUR } });
    const second = await put({ ...EUR, rate: 1.25 });
    expect(second).toMatchObject({ status: 200, body: { data: { id: first.body.data.id, rate: '1.25' } } });
    await put({ ...EUR, day: '2026-10-02' });
    await put({ ...EUR, base: 'GBP' });
    expect((await rates('?base=EUR')).map(({ day, rate }) => [day, rate])).toEqual([
      ['2026-10-02', EUR.rate],
      ['2026-10-01', '1.25'],
    ]);
    const page = await app.call('GET', '/api/currency-rates?limit=1', { as: admin });
    const next = await rates(`?limit=2&cursor=${page.body.pagination.next_cursor}`);
    expect([page.body.pagination.total, page.body.data.length, next.length]).toEqual([3, 1, 2]);
  });

  it.each<[string, object, string]>([
    ['0', { rate: 0 }, 'rate'],
    ['less than nothing', { rate: -1.5 }, 'rate'],
    ['10^30', { rate: 1e30 }, 'rate'],
    ['10^30 in digits', { rate: `1${'0'.repeat(30)}` }, 'rate'],
    ['a rate with a comma', { rate: '1,08' }, 'rate'],
    ['nothing that is a number', { rate: 'NaN' }, 'rate'],
    ['a currency that is none', { base: 'EUX' }, 'base'],
    ['a currency in itself', { base: 'USD' }, 'quote'],
    ['tomorrow and beyond', { day: '2999-01-01' }, 'day'],
    ['no day', { day: '2026-02-30' }, 'day'],
  ])('refuses %s', async (_, wrong, field) => {
    expect(await put({ ...EUR, ...wrong })).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_ERROR', details: { field } },
    });
    expect(await rates()).toEqual([]);
  });

  it('converts what it is asked for, and lists apart what it cannot once a rate is taken back', async () => {
    const { id } = (await put({ ...EUR, rate: '2' })).body.data as { id: number };
    await app.call('POST', '/api/sync', {
      as: await app.apiKey(['agent']),
      body: { costs: [{ service: 'S', date: '2026-10-05', amount: 3, currency: 'EUR', cloud_provider: 'aws' }] },
    });
    const summary = async () =>
      (await app.call('GET', '/api/costs/summary?start_date=2026-10-01&end_date=2026-10-31', { as: admin })).body.data;
    expect(await summary()).toMatchObject({ total_cost: 6, unconverted: [] });
    expect((await app.call('DELETE', `/api/currency-rates/${id}`, { as: admin })).status).toBe(200);
    expect(await summary()).toMatchObject({ total_cost: 0, unconverted: [{ currency: 'EUR', amount: 3 }] });
    expect((await app.call('DELETE', `/api/currency-rates/${id}`, { as: admin })).status).toBe(404);
  });

  it('is corrected in its place, once, and says so in the audit', async () => {
    const { id, set_at: readAt } = (await put(EUR)).body.data as { id: number; set_at: string };
    await put({ ...EUR, day: '2026-10-05' });
    const patch = (body: unknown, as = admin) => app.call('PATCH', `/api/currency-rates/${id}`, { as, body });
    const changed = await patch({ rate: '1.5', day: '2026-10-02', if_set_at: readAt });
    expect(changed).toMatchObject({ status: 200, body: { data: { id, rate: '1.5', day: '2026-10-02', base: 'EUR' } } });
    expect((await rates('?base=EUR')).map(({ day, rate }) => [day, rate])).toEqual([
      ['2026-10-05', EUR.rate],
      ['2026-10-02', '1.5'],
    ]);
    const refusals: [object, number, string][] = [
      [{ rate: '2', if_set_at: '2026-01-01T00:00:00.000Z' }, 409, 'if_set_at'],
      [{ day: '2026-10-05' }, 409, 'day'],
      [{ day: '2999-01-01' }, 400, 'day'],
      [{ rate: '-1' }, 400, 'rate'],
      [{ base: 'GBP' }, 400, 'base'],
    ];
    for (const [body, status, field] of refusals) {
      expect(await patch(body)).toMatchObject({ status, body: { details: { field } } });
    }
    expect((await patch({ rate: '2' }, await app.login('operator'))).status).toBe(403);
    expect((await patch({ rate: '2' }, await app.login('admin', await app.newTenant()))).status).toBe(404);
    const audit = await app.call('GET', '/api/audit?event_type=currency_rate.changed', { as: admin });
    expect(audit.body.data).toMatchObject([
      { details: { base: 'EUR', rate: '1.5', day: '2026-10-02', before: { day: EUR.day, rate: EUR.rate } } },
    ]);
  });

  it('is set by admins and read by all, each tenant its own', async () => {
    const { id } = (await put(EUR)).body.data as { id: number };
    expect((await put(EUR, await app.login('operator'))).status).toBe(403);
    expect(await rates('', await app.login('viewer'))).toHaveLength(1);
    const stranger = await app.login('admin', await app.newTenant());
    expect(await rates('', stranger)).toEqual([]);
    expect((await app.call('DELETE', `/api/currency-rates/${id}`, { as: stranger })).status).toBe(404);
  });
});
