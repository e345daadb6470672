import { costRecord } from '@flotilla/domain';
import { systemActor } from '@flotilla/persistence';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { aMinute, createDevice } from '../../../../test/support/telemetry.js';
import { CostLedger } from '../costs/index.js';
import { MetricsIngest } from '../metrics/index.js';

const DAY_S = 86_400;
const START_S = Math.floor(Date.now() / 86_400_000) * DAY_S - 2 * DAY_S;
const DAY = new Date(START_S * 1000).toISOString().slice(0, 10);
const at = (hour: number) => new Date((START_S + hour * 3_600) * 1000).toISOString();

describe('GET /ai-spend/unit-economics', () => {
  let app: TestApp;
  let viewer: string;
  let instance: number;

  beforeAll(async () => {
    app = await startTestApp();
    viewer = await app.login('viewer');
    instance = await app.db.system(async (tx) => {
      const row = await tx.row<{ id: number }>(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, gpu_count, state) VALUES ($1, 'aws', 'i-1', 1, 'stopped') RETURNING id`,
        [app.tenantId],
      );
      await tx.rows(
        `INSERT INTO flotilla.instance_spans (tenant_id, instance_id, state, hourly_cost, currency, since, until) VALUES ($1, $2, 'running', NULL, 'USD', $3, $4)`,
        [app.tenantId, row!.id, at(0), at(10)],
      );
      return row!.id;
    });
    const deviceId = await createDevice(app.db, app.tenantId, instance, { uuid: 'GPU-1' });
    await app.app.get(MetricsIngest, { strict: false }).storeSamples(
      app.tenantId,
      '00000000-0000-0000-0000-000000000001',
      Array.from({ length: 600 }, (_, i) => ({ deviceId, minute: aMinute(START_S + i * 60, { sm_activity: 30 }) })),
    );
    await app.db.write(systemActor(app.tenantId, 'test'), async (tx) => {
      tx.withoutAudit('test');
      await new CostLedger().store(tx, { tenantId: app.tenantId }, [
        costRecord({
          origin: 'reported',
          source: 'sync',
          recordId: '1',
          chargeStart: at(0),
          chargeEnd: at(24),
          provider: 'aws',
          service: 'Amazon EC2',
          resourceId: 'i-1',
          billedCost: '100',
          currency: 'USD',
        }),
      ]);
    });
    await used({
      provider: 'self_hosted',
      model: 'llama',
      instance,
      input: 6_000_000,
      cached: 10_000_000,
      output: 1_000_000,
      requests: 1_000,
    });
    await used({
      provider: 'self_hosted',
      model: 'llama',
      instance: null,
      input: 5,
      cached: 0,
      output: 0,
      requests: 1,
    });
    await used({
      provider: 'openai',
      model: 'gpt-4o',
      instance: null,
      input: 1_000_000,
      cached: 0,
      output: 100_000,
      requests: 50,
      cost: ['2.5', '0', '1'],
    });
    await used({
      provider: 'self_hosted',
      model: 'llama',
      instance,
      input: 0,
      cached: 0,
      output: 0,
      requests: 0,
      run: 'sft-7',
      hour: 1,
    });
    await used({
      provider: 'self_hosted',
      model: 'llama',
      instance,
      input: 0,
      cached: 0,
      output: 0,
      requests: 0,
      run: 'sft-7',
      hour: 2,
    });
  });
  afterAll(() => app.close());

  /** One hour of usage, by SQL: what the usage ledger leaves behind. */
  const used = (of: {
    provider: string;
    model: string;
    instance: number | null;
    input: number;
    cached: number;
    output: number;
    requests: number;
    cost?: readonly [string, string, string];
    run?: string;
    hour?: number;
  }) =>
    app.db.system(async (tx) => {
      const row = await tx.row<{ id: number }>(
        `INSERT INTO flotilla.ai_dimensions (tenant_id, digest, source, provider, model, spend_type, instance_id, run_id, currency, cost_origin, price_source, unpriced_reason)
         VALUES ($1, gen_random_uuid(), 'sync', $2, $3, 'inference', $4, $5, 'USD', $6, $6, $7) RETURNING id`,
        [
          app.tenantId,
          of.provider,
          of.model,
          of.instance,
          of.run ?? null,
          of.cost ? 'estimate' : null,
          of.cost ? null : 'own',
        ],
      );
      const [input, cached, output] = of.cost ?? ['0', '0', '0'];
      await tx.rows(
        `INSERT INTO flotilla.ai_usage_hours (tenant_id, hour, dimension_id, records, requests, errors, uncached_input, cache_read, cache_write_5m,
           cache_write_1h, output, reasoning, input_audio, cache_read_audio, output_audio, usage_quantity, cost, cost_input, cost_cached, cost_output)
         VALUES ($1, $2, $3, 1, $4, 0, $5, $6, 0, 0, $7, 0, 0, 0, 0, 0, $8::numeric + $9::numeric + $10::numeric, $8, $9, $10)`,
        [app.tenantId, at(of.hour ?? 0), row!.id, of.requests, of.input, of.cached, of.output, input, cached, output],
      );
    });
  const ask = async (query = '', as = viewer) =>
    (await app.call('GET', `/api/ai-spend/unit-economics?start_date=${DAY}&end_date=${DAY}${query}`, { as })).body.data;

  it('sets own GPUs beside the API that was used, with the break-even', async () => {
    const answer = await ask();
    const of = (name: string) => answer.models.find((model: { model_name: string }) => model.model_name === name);
    // weighted: 6 + 10 × 0.1 + 1 × 4 = 11 million for 100 USD, of which 30 % served
    expect(of('llama')).toMatchObject({
      own: true,
      requests: 1001,
      tokens_not_priced: 5,
      cost: 100,
      cost_per_million_tokens: {
        input: 9.090909090909,
        cached: 0.909090909091,
        output: 36.363636363636,
        all: 5.882352941176,
      },
      used_cost_per_million_tokens: { input: 2.727272727273 },
      cost_per_inference: 0.1,
      instances: 1,
    });
    expect(of('llama').useful_share).toBeCloseTo(0.3, 5);
    // 6 × 2.5 + 10 × 1.25 + 1 × 10 = 37.5: own is 100 / 37.5 times as dear; 17M × that / 10 h; 0.3 × that
    expect(of('llama').api).toEqual([expect.objectContaining({ model_name: 'gpt-4o', cost: 37.5 })]);
    expect(of('llama').api[0].break_even_tokens_per_hour).toBeCloseTo(4_533_333.333, 2);
    expect(of('llama').api[0].break_even_utilisation).toBeCloseTo(0.8, 5);
    expect(of('gpt-4o')).toMatchObject({
      own: false,
      cost: 3.5,
      cost_per_inference: 0.07,
      cost_per_million_tokens: { input: 2.5, cached: null, output: 10 },
      tokens_not_priced: 0,
    });
    // 100 for 10 hours of one GPU, 30 % useful
    expect(answer.cost_per_useful_gpu_hour).toBeCloseTo(100 / 3, 4);
    expect(answer.training_runs).toEqual([
      { run_id: 'sft-7', cost: 20, charged_cost: null, own_cost: 20, instance_hours: 2, records: 2 },
    ]);
  });

  it('takes the weights and the models that were asked for, and shows nothing to other tenants', async () => {
    const { models } = await ask('&weight_output=1&weight_cached=1&compare_with=openai/gpt-4o-mini');
    expect(models[0].own === true || models[1].own === true).toBe(true);
    const own = models.find((model: { own: boolean }) => model.own);
    expect(own.cost_per_million_tokens.input).toBe(own.cost_per_million_tokens.all);
    expect(own.api.map((api: { model_name: string }) => api.model_name)).toEqual(['gpt-4o-mini']);
    const stranger = await app.login('viewer', await app.newTenant());
    expect(await ask('', stranger)).toMatchObject({ models: [], training_runs: [], cost_per_useful_gpu_hour: null });
  });

  it('tells which API models it could not set own GPUs against, and why', async () => {
    const { models } = await ask('&compare_with=openai/no-such-model,openai/gpt-4o');
    const own = models.find((model: { own: boolean }) => model.own);
    expect(own.api.map((api: { model_name: string }) => api.model_name)).toEqual(['gpt-4o']);
    expect(own.without_api_price).toEqual([
      {
        provider: 'openai',
        model_name: 'no-such-model',
        reason: 'no price is known for the model no-such-model of openai',
      },
    ]);
  });

  it('is for everyone who may read, and for nobody else', async () => {
    const path = '/api/ai-spend/unit-economics';
    for (const role of ['viewer', 'operator', 'admin'] as const) {
      const answer = await app.call('GET', path, { as: await app.login(role) });
      expect([answer.status, answer.body.data.models.length]).toEqual([200, 2]);
    }
    expect((await app.call('GET', path)).status).toBe(401);
    expect((await app.call('GET', path, { as: await app.apiKey(['agent']) })).status).toBe(403);
  });

  it('tells cost in a currency without a rate apart', async () => {
    expect((await ask()).unconverted).toEqual([]);
    await app.db.system((tx) =>
      tx.rows(`UPDATE flotilla.costs SET currency = 'CHF' WHERE tenant_id = $1`, [app.tenantId]),
    );
    const answer = await ask();
    expect(answer.unconverted).toEqual([{ currency: 'CHF', amount: 100 }]);
    expect(answer.models.find((model: { own: boolean }) => model.own)).toMatchObject({ cost: null, instances: 1 });
    await app.db.system((tx) =>
      tx.rows(`UPDATE flotilla.costs SET currency = 'USD' WHERE tenant_id = $1`, [app.tenantId]),
    );
  });

  it('marks what is made up', async () => {
    expect((await ask()).simulated).toBe(false);
    await app.db.system((tx) => tx.rows('UPDATE flotilla.instances SET simulated = true WHERE id = $1', [instance]));
    expect((await ask()).simulated).toBe(true);
    await app.db.system((tx) => tx.rows('UPDATE flotilla.instances SET simulated = false WHERE id = $1', [instance]));
  });
});
