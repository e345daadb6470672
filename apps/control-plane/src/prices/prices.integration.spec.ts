import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';

// one moment for the whole file: its days stay what they are when it runs over midnight
const NOW = Date.now();
const day = (ago: number) => new Date(NOW - ago * 86_400_000).toISOString().slice(0, 10);
const MODEL = {
  kind: 'model',
  provider: 'acme',
  model_name: 'mystery*',
  input_cost: 2,
  output_cost: '8.5',
  valid_from: day(10),
};
const INSTANCE = {
  kind: 'instance',
  provider: 'aws',
  instance_type: 'p5.48xlarge',
  hourly_cost: '30.5',
  valid_from: day(10),
};

describe('/prices', () => {
  let app: TestApp;
  let admin: string;
  let viewer: string;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await app.login('admin');
    viewer = await app.login('viewer');
  });
  afterAll(() => app.close());

  const call = (method: string, path: string, body?: unknown, as = admin) =>
    app.call(method, `/api/prices${path}`, { as, ...(body === undefined ? {} : { body }) });
  const hourlyCost = async () =>
    app.db.system((tx) =>
      tx.row(
        `SELECT i.hourly_cost::float8 AS cost, i.hourly_cost_source AS source FROM flotilla.instances i WHERE i.provider_id = 'i-1'`,
      ),
    );

  it('prices usage that comes after it, and leaves what was priced as it is', async () => {
    const key = await app.apiKey(['agent']);
    const tell = (id: string) =>
      app.call('POST', '/api/sync', {
        as: key,
        body: {
          ai_spend: [
            {
              timestamp: `${day(1)}T10:00:00Z`,
              provider: 'acme',
              model_name: 'mystery-1',
              input_tokens: 1_000_000,
              output_tokens: 100_000,
              record_id: id,
            },
          ],
        },
      });
    const costs = async () =>
      (await app.call('GET', '/api/ai-spend?resolution=request', { as: viewer })).body.data
        .map((row: { cost: number | null; price_source: string | null }) => [row.cost, row.price_source])
        .sort();
    await tell('before');
    const { body, status } = await call('POST', '', MODEL);
    expect(status).toBe(201);
    const id = body.data.id as number;
    await tell('after');
    // 1 × 2 + 0.1 × 8.5
    expect(await costs()).toEqual([
      [null, null],
      [2.85, `price:${id}`],
    ]);
    await call('PATCH', `/${id}`, { input_cost: 3 });
    await tell('before');
    await tell('later');
    expect(await costs()).toEqual([
      [null, null],
      [2.85, `price:${id}`],
      [3.85, `price:${id}`],
    ]);
    expect((await call('DELETE', `/${id}`)).body.data).toEqual({ done: true });
    expect((await call('GET', `/${id}`)).status).toBe(404);
  });

  it('is what an instance costs, before the public table and after what people say', async () => {
    const key = await app.apiKey(['agent']);
    await app.call('POST', '/api/sync', {
      as: key,
      body: {
        instances: [
          {
            instance_id: 'i-1',
            cloud_provider: 'aws',
            state: 'running',
            region: 'us-east-1',
            instance_type: 'p5.48xlarge',
          },
        ],
      },
    });
    const listed = await hourlyCost();
    expect(listed).toMatchObject({ source: 'price_table' });
    const { body } = await call('POST', '', INSTANCE);
    expect(await hourlyCost()).toEqual({ cost: 30.5, source: 'own_price' });
    const regional = await call('POST', '', { ...INSTANCE, region: 'us-east-1', hourly_cost: 29 });
    expect(await hourlyCost()).toEqual({ cost: 29, source: 'own_price' });
    await call('PATCH', `/${regional.body.data.id}`, { valid_to: day(1) });
    expect(await hourlyCost()).toEqual({ cost: 30.5, source: 'own_price' });
    await call('DELETE', `/${body.data.id}`);
    expect(await hourlyCost()).toEqual(listed);
    await call('DELETE', `/${regional.body.data.id}`);
  });

  it.each<[string, object, string]>([
    ['a negative amount', { ...MODEL, input_cost: -1 }, 'input_cost'],
    ['10^30', { ...MODEL, input_cost: '1000000000000000000000000000000' }, 'input_cost'],
    ['no amount', { ...MODEL, input_cost: undefined, output_cost: undefined }, 'input_cost'],
    ['an end before the begin', { ...MODEL, valid_to: day(11) }, 'valid_to'],
    ['tokens of an instance', { ...INSTANCE, input_cost: 1 }, 'input_cost'],
    ['no kind', { ...MODEL, kind: undefined }, 'kind'],
    ['a currency that is none', { ...MODEL, currency: 'dollars' }, 'currency'],
  ])('refuses %s', async (_, body, field) => {
    const { status, body: answer } = await call('POST', '', body);
    expect(status).toBe(400);
    expect(JSON.stringify(answer.details)).toContain(field);
  });

  it('is not changed over what somebody else changed meanwhile', async () => {
    const { id, updated_at: readAt } = (await call('POST', '', MODEL)).body.data;
    // the clock of the database may not have moved on by a millisecond since
    await app.db.system((tx) =>
      tx.rows(`UPDATE flotilla.prices SET updated_at = updated_at + interval '1 second' WHERE id = $1`, [id]),
    );
    expect(await call('PATCH', `/${id}`, { input_cost: 9, if_updated_at: readAt })).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT', details: { field: 'if_updated_at' } },
    });
    const { updated_at: now } = (await call('GET', `/${id}`)).body.data;
    const changed = await call('PATCH', `/${id}`, { input_cost: '2.5', output_cost: null, if_updated_at: now });
    expect(changed.body.data).toMatchObject({ id, input_cost: 2.5, output_cost: null, provider: 'acme' });
    expect((await call('PATCH', `/${id}`, { if_updated_at: now })).status).toBe(400);
    const audit = await app.call('GET', '/api/audit?event_type=price.updated', { as: admin });
    expect(audit.body.data[0]).toMatchObject({ details: { input_cost: '2.5', output_cost: null } });
    await call('DELETE', `/${id}`);
  });

  it('belongs to its tenant, and to admins', async () => {
    const { body } = await call('POST', '', MODEL);
    const path = `/${body.data.id}`;
    const stranger = await app.login('admin', await app.newTenant());
    for (const [method, change] of [
      ['GET', undefined],
      ['PATCH', { note: 'mine' }],
      ['DELETE', undefined],
    ] as const) {
      expect((await call(method, path, change, stranger)).status).toBe(404);
    }
    expect((await call('GET', '', undefined, stranger)).body.count).toBe(0);
    expect((await call('POST', '', MODEL, viewer)).status).toBe(403);
    expect((await call('PATCH', path, { hourly_cost: 1 })).status).toBe(400);
    expect((await call('PATCH', path, { input_cost: null, output_cost: null })).status).toBe(400);
    expect((await call('GET', '?kind=model&valid_on=2020-01-01')).body.count).toBe(0);
    expect((await call('GET', '?kind=model', undefined, viewer)).body.data[0]).toMatchObject({
      model_name: 'mystery*',
      output_cost: 8.5,
    });
  });
});
