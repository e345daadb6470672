import { systemActor } from '@flotilla/persistence';
import { costRecord } from '@flotilla/domain';
import { CostLedger } from '../../../apps/control-plane/src/costs/index.js';
import { MetricsIngest } from '../../../apps/control-plane/src/metrics/index.js';
import { aMinute, createDevice } from '../../support/telemetry.js';
import { HOSTILE, describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

const DAY_S = 86_400;
const TODAY_S = Math.floor(Date.now() / 1000 / DAY_S) * DAY_S;
const at = (ago: number, hour = 0) => new Date((TODAY_S - ago * DAY_S + hour * 3_600) * 1000).toISOString();

/**
 * What providers told of costs, so that no list of prices can change the sums:
 *
 *  gpt-4o     search   12.50   1.2 M in (0.8 M of it cached), 0.3 M out, 100 requests; 10 before
 *  claude     vision    7.50   0.4 M in, 0.1 M out, 100 requests
 *  together            20.00 for 2.0 M tokens and 200 requests: 10 a million, 0.10 a request; +100 % against 10 before
 *  mystery-1            no price, 50 requests: 50 of 250 are 20 %
 */
const USAGE = [
  {
    provider: 'openai',
    model_name: 'gpt-4o',
    team_id: 'search',
    timestamp: at(1, 10),
    requests: 100,
    cost: '12.50',
    ...tokens(1.2, 0.8, 0.3),
  },
  {
    provider: 'openai',
    model_name: 'gpt-4o',
    team_id: 'search',
    timestamp: at(9, 10),
    requests: 80,
    cost: '10',
    ...tokens(1, 0, 0.2),
  },
  {
    provider: 'anthropic',
    model_name: 'claude-x',
    team_id: HOSTILE,
    timestamp: at(1, 11),
    requests: 100,
    cost: '7.50',
    ...tokens(0.4, 0, 0.1),
  },
  { provider: 'acme', model_name: 'mystery-1', timestamp: at(1, 12), requests: 50, ...tokens(1, 0, 0.1) },
];
function tokens(input: number, cached: number, output: number) {
  return { input_tokens: input * 1e6, cached_input_tokens: cached * 1e6, output_tokens: output * 1e6, currency: 'USD' };
}

describeInBrowser('AI spend in the console', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];
  let complaints: string[];

  beforeAll(async () => {
    stage = await openConsole();
    ({ page, complaints } = stage);
    page.setDefaultTimeout(15_000);
    const { app } = stage;
    const key = await app.apiKey(['agent']);
    const told = await app.call('POST', '/api/sync', {
      as: key,
      body: { ai_spend: USAGE.map(({ currency, ...one }) => ('cost' in one ? { ...one, currency } : one)) },
    });
    expect(told.status).toBe(200);
    await ownModel(stage);
  }, 60_000);
  afterAll(() => stage?.close());
  afterEach(() => expect(complaints.splice(0)).toEqual([]));

  const main = () => page.getByRole('main');
  const says = (text: string | RegExp) => main().getByText(text).first().waitFor();
  const row = (table: string, name: string | RegExp) =>
    main().getByRole('region', { name: table, exact: true }).getByRole('row', { name }).innerText();

  it('says what it came to, by the token and by the request, and what has no price', async () => {
    await stage.visit('/ai-spend?range=7d');
    await says('$20.00');
    await says('+100.0 % against the 6 days before');
    await says('$10.00');
    await says('$0.1000');
    await says('20.0 %');
    // 20 - 10 = 10: 2.50 more of gpt-4o, 7.50 of a new model
    expect(await main().getByRole('list', { name: 'Changes by model' }).getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/^claude-x[^]*new[^]*\+\$7\.50$/),
      expect.stringMatching(/^gpt-4o[^]*\+25 %[^]*\+\$2\.50$/),
    ]);
    expect(await row('AI spend by model', /gpt-4o/)).toMatch(
      /\$12\.50\s+62\.5 %\s+100\s+0\.00 %\s+400K\s+800K\s+0\s+300K/,
    );
    expect(await row('AI spend by model', /mystery-1/)).toMatch(/unpriced/);
    expect(await row('AI spend by model', /llama/)).toMatch(/own GPUs/);
    expect(await stage.faults()).toEqual([]);
  });

  it('groups by team, hostile names as text, and opens the usage behind one', async () => {
    await main().getByLabel('Group by').selectOption('team_id');
    const table = page.getByRole('region', { name: 'AI spend by team' });
    await table.getByRole('link', { name: HOSTILE }).waitFor();
    expect(await stage.fitsTheWindow()).toBe(true);
    await table.getByRole('link', { name: 'search' }).click();
    await page.getByRole('region', { name: 'Usage' }).getByText('gpt-4o').waitFor();
    expect(new URL(page.url()).searchParams.get('team_id')).toBe('search');
    expect(await page.getByRole('region', { name: 'Usage' }).getByRole('row').count()).toBe(2);
    expect(await stage.faults()).toEqual([]);
  });

  it('prices what has no price, from a day on', async () => {
    await stage.visit('/ai-spend?range=7d');
    await main().getByRole('button', { name: 'Set a price of mystery-1' }).click();
    const dialog = page.getByRole('dialog', { name: 'Set a price' });
    expect(await dialog.getByLabel('Model').inputValue()).toBe('mystery-1');
    await dialog.getByLabel('A million tokens of input').fill('two');
    await dialog.getByLabel('From', { exact: true }).fill(at(3).slice(0, 10));
    await dialog.getByRole('button', { name: 'Set the price' }).click();
    // what is wrong stands at the field; the browser itself reports the refusal
    await dialog.getByText(/decimal number/).waitFor();
    expect(complaints.splice(0)).toEqual([expect.stringContaining('400')]);
    expect(await stage.faults()).toEqual([]);
    await dialog.getByLabel('A million tokens of input').fill('0.20');
    await dialog.getByRole('button', { name: 'Set the price' }).click();
    await dialog.waitFor({ state: 'detached' });
    await stage.visit('/ai-spend?tab=prices');
    expect(await row('Own prices', /mystery-1/)).toMatch(/\$0\.20 a million in/);
    expect(await stage.faults()).toEqual([]);
  });

  it('sets own GPUs against an API', async () => {
    await stage.visit('/ai-spend?tab=unit-economics&range=7d');
    // 100 for 17 million tokens, measured at a useful share of 0.3
    expect(
      await main()
        .getByText(/for 17M tokens/)
        .innerText(),
    ).toMatch(/llama cost \$100\.00 for 17M tokens, at a useful share of 30\.0 %/);
    const table = page.getByRole('region', { name: 'APIs for the same tokens' });
    // by the price that is set below: 6 M × 2 + 10 M × 2 + 1 M × 8 = 40; 100 ÷ 40 × 0.3 = 0.75
    expect(await table.getByRole('row', { name: /gpt-4o/ }).innerText()).toMatch(
      /the API is cheaper now[^]*\$40\.00[^]*75 % useful/,
    );
    expect(await stage.faults()).toEqual([]);
    await main().getByRole('button', { name: 'As a table' }).click();
    expect(await main().getByRole('figure').first().innerText()).toMatch(/75\.0 % \(break-even\)/);
  });

  it('can be used at 360 pixels, every part of it', async () => {
    await stage.narrow(async () => {
      for (const tab of ['', 'usage', 'unit-economics', 'drift', 'prices']) {
        await stage.visit(`/ai-spend?tab=${tab}&range=7d&by=team_id`);
        expect([tab, await stage.fitsTheWindow()]).toEqual([tab, true]);
      }
      expect(await stage.faults()).toEqual([]);
    });
  });
});

/** Ten hours of one GPU, 30 % useful, 100 USD for its instance, 17 million tokens; and an API that is set against it. */
async function ownModel({ app, token }: ConsoleStage): Promise<void> {
  const instance = await app.db.system(async (tx) => {
    const created = await tx.row<{ id: number }>(
      `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, gpu_count, state) VALUES ($1, 'aws', 'i-1', 1, 'stopped') RETURNING id`,
      [app.tenantId],
    );
    await tx.rows(
      `INSERT INTO flotilla.instance_spans (tenant_id, instance_id, state, hourly_cost, currency, since, until) VALUES ($1, $2, 'running', NULL, 'USD', $3, $4)`,
      [app.tenantId, created!.id, at(2), at(2, 10)],
    );
    return created!.id;
  });
  const deviceId = await createDevice(app.db, app.tenantId, instance, { uuid: 'GPU-1' });
  await app.app.get(MetricsIngest, { strict: false }).storeSamples(
    app.tenantId,
    '00000000-0000-0000-0000-000000000001',
    Array.from({ length: 600 }, (_, i) => ({
      deviceId,
      minute: aMinute(TODAY_S - 2 * DAY_S + i * 60, { sm_activity: 30 }),
    })),
  );
  await app.db.write(systemActor(app.tenantId, 'test'), async (tx) => {
    tx.withoutAudit('test');
    await new CostLedger().store(tx, { tenantId: app.tenantId }, [
      costRecord({
        origin: 'reported',
        source: 'sync',
        recordId: '1',
        provider: 'aws',
        service: 'Amazon EC2',
        resourceId: 'i-1',
        chargeStart: at(2),
        chargeEnd: at(1),
        billedCost: '100',
        currency: 'USD',
      }),
    ]);
  });
  await app.db.system(async (tx) => {
    const dimension = await tx.row<{ id: number }>(
      `INSERT INTO flotilla.ai_dimensions (tenant_id, digest, source, provider, model, spend_type, instance_id, currency, unpriced_reason)
       VALUES ($1, gen_random_uuid(), 'sync', 'self_hosted', 'llama', 'inference', $2, 'USD', 'own') RETURNING id`,
      [app.tenantId, instance],
    );
    await tx.rows(
      `INSERT INTO flotilla.ai_usage_hours (tenant_id, hour, dimension_id, records, requests, errors, uncached_input, cache_read, cache_write_5m,
         cache_write_1h, output, reasoning, input_audio, cache_read_audio, output_audio, usage_quantity, cost, cost_input, cost_cached, cost_output)
       VALUES ($1, $2, $3, 1, 1000, 0, 6e6, 10e6, 0, 0, 1e6, 0, 0, 0, 0, 0, 0, 0, 0, 0)`,
      [app.tenantId, at(2), dimension!.id],
    );
  });
  const price = {
    kind: 'model',
    provider: 'openai',
    model_name: 'gpt-4o',
    input_cost: 2,
    cache_read_cost: 2,
    output_cost: 8,
  };
  const set = await app.call('POST', '/api/prices', { as: token, body: { ...price, valid_from: at(60).slice(0, 10) } });
  expect(set.status).toBe(201);
}
