import { costRecord } from '@flotilla/domain';
import { systemActor } from '@flotilla/persistence';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { CostLedger } from '../costs/index.js';

const DAY_MS = 86_400_000;
// one moment for the whole file: its days stay what they are when it runs over midnight
const NOW = Date.now();
const at = (ago: number, hour = 10) =>
  `${new Date(NOW - ago * DAY_MS).toISOString().slice(0, 10)}T${String(hour).padStart(2, '0')}:00:00.000Z`;
const element = (more: object = {}) => ({
  timestamp: at(1),
  provider: 'openai',
  model_name: 'gpt-4o',
  requests: 1,
  input_tokens: 1200,
  cached_input_tokens: 800,
  output_tokens: 300,
  ...more,
});

describe('AI spend', () => {
  let app: TestApp;
  let viewer: string;
  let admin: string;
  let key: string;

  beforeAll(async () => {
    app = await startTestApp();
    viewer = await app.login('viewer');
    admin = await app.login('admin');
    key = await app.apiKey(['agent']);
  });
  afterAll(() => app.close());
  beforeEach(() =>
    app.db.system(async (tx) => {
      for (const table of [
        'ai_usage',
        'ai_usage_hours',
        'ai_usage_closed_days',
        'ai_workloads',
        'costs',
        'currency_rates',
      ]) {
        await tx.client.query(`DELETE FROM flotilla.${table}`);
      }
    }),
  );

  const get = async (path: string, as = viewer) => (await app.call('GET', `/api${path}`, { as })).body;
  const sync = async (...elements: object[]) =>
    (await app.call('POST', '/api/sync', { as: key, body: { ai_spend: elements } })).body.data.ai_spend;

  it('counts what has no price apart, and in no total', async () => {
    await sync(
      element(),
      element({ provider: 'acme', model_name: 'mystery-1' }),
      element({ cost: '0.02', currency: 'EUR', run_id: 'x' }),
    );
    const { data } = await get('/ai-spend/summary');
    expect(data).toMatchObject({
      total_cost: 0.005,
      records: 3,
      unpriced: {
        records: 1,
        requests: 1,
        input_tokens: 1200,
        output_tokens: 300,
        models: [{ provider: 'acme', model_name: 'mystery-1' }],
      },
      unconverted: [{ currency: 'EUR', amount: 0.02, records: 1 }],
      by_provider: [
        { provider: 'openai', total_cost: 0.005, records: 2 },
        { provider: 'acme', total_cost: 0, unpriced: { records: 1 } },
      ],
    });
    const listed = await get('/ai-spend?provider=acme');
    expect(listed.data).toMatchObject([{ cost: null, converted_cost: null, cost_source: null }]);
    expect(listed.data[0].unpriced_reason).toContain('no price is known');
    await app.db.system((tx) =>
      tx.rows(
        `INSERT INTO flotilla.currency_rates (tenant_id, base, quote, day, rate, set_by) VALUES ($1, 'EUR', 'USD', '2026-01-01', 1.5, 'test')`,
        [app.tenantId],
      ),
    );
    expect((await get('/ai-spend/summary')).data).toMatchObject({ total_cost: 0.035, unconverted: [] });
  });

  it('tells what a token, an inference and a run cost', async () => {
    await sync(element(), element({ timestamp: at(2), spend_type: 'training', run_id: 'run-7', requests: 4 }));
    const { unit_economics: units } = (await get('/ai-spend/summary')).data;
    // 0.010 for 2 × 1500 tokens; input 2.50, cached 1.25, output 10 a million
    expect(units).toEqual({
      cost_per_token: 0.000003333333333333,
      cost_per_1m_tokens: 3.3333333333333335,
      cost_per_1m_input_tokens: 2.5,
      cost_per_1m_cached_tokens: 1.25,
      cost_per_1m_output_tokens: 10,
      cost_per_inference: 0.005,
      cost_per_training_run: 0.005,
      training_runs: 1,
    });
  });

  it('groups by whose it is; what names nothing is a group', async () => {
    const workload = { name: 'Shop', external_id: 'shop', business_unit: 'retail', monthly_budget: '10' };
    await sync(
      element({ team_id: 'search' }),
      element({ timestamp: at(2), team_id: 'search' }),
      element({ workload_id: 'shop', requests: 2 }),
    );
    // written down after its usage came
    await app.call('POST', '/api/ai-workloads', { as: admin, body: workload });
    expect((await get('/ai-spend/by-dimension?dimension=team_id')).data).toMatchObject({
      groups: [
        { value: 'search', total_cost: 0.01, records: 2 },
        { value: null, total_cost: 0.005, requests: 2 },
      ],
      other: null,
    });
    expect((await get('/ai-spend/by-dimension?dimension=business_unit')).data.groups[1]).toMatchObject({
      value: 'retail',
      total_cost: 0.005,
    });
    expect((await get('/ai-spend/by-dimension?dimension=team_id&limit=1')).data.other).toMatchObject({
      groups: 1,
      total_cost: 0.005,
      records: 1,
    });
    expect((await app.call('GET', '/api/ai-spend/by-dimension?dimension=password', { as: viewer })).status).toBe(400);
  });

  it('pages through hours and through requests', async () => {
    await sync(...[1, 2, 3, 4, 5].map((ago) => element({ timestamp: at(ago), output_tokens: ago })));
    for (const resolution of ['hour', 'request']) {
      const first = await get(`/ai-spend?limit=2&resolution=${resolution}`);
      expect(first.data.map((row: { output_tokens: number }) => row.output_tokens)).toEqual([1, 2]);
      const second = await get(`/ai-spend?limit=2&resolution=${resolution}&cursor=${first.pagination.next_cursor}`);
      expect(second.data.map((row: { timestamp: string }) => row.timestamp)).toEqual([at(3), at(4)]);
    }
    expect((await get('/ai-spend?days=2')).count).toBe(1);
    expect((await get('/ai-spend?spend_type=training')).count).toBe(0);
  });

  it('goes into a file, with an empty cost where there is no price', async () => {
    await sync(element(), element({ timestamp: at(2), provider: 'acme', model_name: '=cmd' }));
    const { body, status } = await app.call('GET', '/api/exports/ai-spend?format=csv&days=7', { as: viewer });
    expect(status).toBe(200);
    const [header, first, second] = (body as string).trim().split(/\r\n/);
    const cell = (line: string | undefined, name: string) => line!.split(',')[header!.split(',').indexOf(name)];
    expect([cell(first, 'model_name'), cell(first, 'cost'), cell(first, 'cost_source')]).toEqual([
      "'=cmd",
      '',
      'unpriced',
    ]);
    expect([cell(second, 'model_name'), cell(second, 'cost'), cell(second, 'input_tokens')]).toEqual([
      'gpt-4o',
      '0.005',
      '1200',
    ]);
    expect(
      (await app.call('GET', '/api/exports/ai-spend?format=csv&provider=openai', { as: viewer })).body
        .trim()
        .split('\r\n'),
    ).toHaveLength(2);
    expect((await app.call('GET', '/api/exports/ai-spend?format=pdf', { as: viewer })).status).toBe(200);
  });

  it('tells how fast a budget is used, and by how much it will be over', async () => {
    const { body } = await app.call('POST', '/api/ai-workloads', {
      as: admin,
      body: { name: 'Shop', external_id: 'shop', monthly_budget: '0.005', owner: 'ada' },
    });
    await app.call('POST', '/api/ai-workloads', { as: admin, body: { name: 'Idle' } });
    const id = body.data.id as number;
    const now = new Date();
    // told by its number; exactly the budget, which is reached at >=
    await sync(
      element({ timestamp: now.toISOString(), workload_id: String(id) }),
      element({ timestamp: now.toISOString(), workload_id: 'shop', model_name: 'mystery' }),
    );
    const { data } = await get('/ai-spend/budget-status');
    const begins = Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
    const ends = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
    expect(data).toMatchObject({
      month: now.toISOString().slice(0, 7),
      period_start: new Date(begins).toISOString(),
      timezone: 'UTC',
    });
    expect(data.workloads).toMatchObject([
      {
        workload_id: id,
        budget: 0.005,
        spent: 0.005,
        remaining: 0,
        utilization_percent: 100,
        status: 'exceeded',
        unpriced_records: 1,
        exhausted_at: null,
      },
      {
        workload_name: 'Idle',
        budget: null,
        spent: 0,
        remaining: null,
        projected_overage: null,
        burn_rate: null,
        status: 'no_budget',
      },
    ]);
    const elapsed = Math.max(Date.now() - begins, 3_600_000);
    expect(data.workloads[0].projected_spend).toBeCloseTo((0.005 * (ends - begins)) / elapsed, 4);
    expect(data.workloads[0].burn_rate).toBeCloseTo((ends - begins) / elapsed, 2);
    await app.call('PATCH', `/api/ai-workloads/${id}`, { as: admin, body: { monthly_budget: '1000' } });
    expect((await get('/ai-spend/budget-status')).data.workloads[0]).toMatchObject({
      status: 'ok',
      projected_overage: 0,
    });
  });

  it('holds the estimate against the bill, and knows no drift where one side is missing', async () => {
    await sync(element(), element({ model_name: 'gpt-4o-mini' }));
    const charge = (amount: string, recordId: string, skuId: string | null) =>
      costRecord({
        origin: 'reported',
        source: 'sync',
        recordId,
        chargeStart: at(1, 12),
        chargeEnd: at(0),
        provider: 'openai',
        service: 'OpenAI API',
        billedCost: amount,
        currency: 'USD',
        skuId,
      });
    await app.db.write(systemActor(app.tenantId, 'test'), (tx) => {
      tx.withoutAudit('test');
      return new CostLedger().store(tx, { tenantId: app.tenantId }, [
        charge('0.0022', '1', 'gpt-4o/uncached_input_tokens/'),
        charge('0.0033', '2', 'gpt-4o/output_tokens/default'),
        charge('7', '3', 'gpt-5/output_tokens/'),
        charge('9', '4', null),
      ]);
    });
    const { data } = await get('/ai-spend/drift');
    expect(data.days).toMatchObject([
      // 0.0055 − 0.005; 0.0005 of 0.0055
      {
        date: at(1).slice(0, 10),
        model_name: 'gpt-4o',
        estimated_cost: 0.005,
        billed_cost: 0.0055,
        drift: 0.0005,
        drift_percent: 9.0909,
      },
      { model_name: 'gpt-4o-mini', billed_cost: null, drift: null },
      { model_name: 'gpt-5', estimated_cost: null, billed_cost: 7, drift: null, drift_percent: null },
    ]);
    expect(data).toMatchObject({ estimated_cost: 0.005, billed_cost: 0.0055, drift: 0.0005, compared: 1 });
  });

  it("never shows another tenant's usage or workloads, and lets viewers only look", async () => {
    await sync(element());
    const { body } = await app.call('POST', '/api/ai-workloads', { as: admin, body: { name: 'Shop' } });
    const stranger = await app.login('admin', await app.newTenant());
    expect((await get('/ai-spend/summary', stranger)).data).toMatchObject({ records: 0, total_cost: 0 });
    expect((await get('/ai-spend?resolution=request', stranger)).count).toBe(0);
    const path = `/api/ai-workloads/${body.data.id}`;
    for (const method of ['GET', 'DELETE']) expect((await app.call(method, path, { as: stranger })).status).toBe(404);
    expect((await app.call('PATCH', path, { as: stranger, body: { name: 'x' } })).status).toBe(404);
    expect((await app.call('DELETE', path, { as: viewer })).status).toBe(403);
    expect((await app.call('POST', '/api/ai-workloads', { as: admin, body: { name: 'Shop' } })).status).toBe(409);
    expect((await app.call('POST', '/api/ai-workloads', { as: admin, body: { name: '42' } })).status).toBe(400);
    expect(
      (await app.call('POST', '/api/ai-workloads', { as: admin, body: { name: 'Free', monthly_budget: 0 } })).status,
    ).toBe(400);
    expect((await app.call('DELETE', path, { as: admin })).body.data).toEqual({ done: true });
  });
});
