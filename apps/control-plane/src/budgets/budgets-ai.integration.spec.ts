import { costRecord } from '@flotilla/domain';
import { systemActor } from '@flotilla/persistence';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { CostLedger } from '../costs/index.js';

const DAY_MS = 86_400_000;
// one moment for the whole file: its days stay what they are when it runs over midnight
const NOW = Date.now();
const day = (ago: number) => new Date(NOW - ago * DAY_MS).toISOString().slice(0, 10);

/** 0.005 USD: 400 tokens at 2.50, 800 cached ones at 1.25 and 300 at 10 a million. */
const call = (more: object = {}) => ({
  timestamp: `${day(1)}T10:00:00.000Z`,
  provider: 'openai',
  model_name: 'gpt-4o',
  requests: 1,
  input_tokens: 1200,
  cached_input_tokens: 800,
  output_tokens: 300,
  ...more,
});

describe('budgets over AI usage', () => {
  let app: TestApp;
  let admin: string;
  let key: string;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await app.login('admin');
    key = await app.apiKey(['agent']);
  });
  afterAll(() => app.close());
  beforeEach(() =>
    app.db.system(async (tx) => {
      const tables = ['ai_usage', 'ai_usage_hours', 'costs', 'budget_alerts', 'budgets', 'events'];
      for (const table of tables) await tx.client.query(`DELETE FROM flotilla.${table}`);
    }),
  );

  const sync = async (...elements: object[]) =>
    expect((await app.call('POST', '/api/sync', { as: key, body: { ai_spend: elements } })).body.data.ai_spend).toEqual(
      expect.objectContaining({ accepted: elements.length }),
    );
  const bill = (amount: string, more: object = {}) =>
    app.db.write(systemActor(app.tenantId, 'test'), (tx) => {
      tx.withoutAudit('test');
      const record = costRecord({
        origin: 'reported',
        source: 'sync',
        recordId: `${amount}${JSON.stringify(more)}`,
        chargeStart: `${day(1)}T00:00:00Z`,
        chargeEnd: `${day(0)}T00:00:00Z`,
        provider: 'openai',
        service: 'OpenAI API',
        skuId: 'gpt-4o/output_tokens/',
        billedCost: amount,
        currency: 'USD',
        ...more,
      });
      return new CostLedger().store(tx, { tenantId: app.tenantId }, [record]);
    });
  let made = 0;
  /** Of yesterday and today, so that a month that begins today does not matter. */
  const budget = async (scope: string, scope_value: string | null, more: object = {}) => {
    const body = { scope, scope_value, amount: 1, period: 'custom', starts_on: day(1), ends_on: day(0), ...more };
    const { body: answer } = await app.call('POST', '/api/budgets', {
      as: admin,
      body: { name: `b${++made}`, ...body },
    });
    return answer.data?.current ?? answer;
  };
  const spent = async (scope: string, value: string | null) => {
    const { current_spend: spend, ai_usage_spend: usage } = await budget(scope, value);
    return [spend, usage];
  };

  it('counts usage that no charge tells of, by model, provider, team and tag', async () => {
    await sync(
      call({ team_id: 'search', project_id: 'p-1', cost_center: 'cc-1' }),
      call({ model_name: 'gpt-4o-mini', timestamp: `${day(1)}T11:00:00.000Z` }),
      call({ provider: 'anthropic', model_name: 'mystery', team_id: 'search' }),
      call({ provider: 'self_hosted', model_name: 'llama', cost: '7' }),
    );
    // gpt-4o-mini: 400 × 0.15 + 800 × 0.075 + 300 × 0.6 = 300 a million
    expect(await spent('model', 'openai/gpt-4o')).toEqual([0.005, 0.005]);
    expect(await spent('model', 'openai/gpt-4o*')).toEqual([0.0053, 0.0053]);
    expect(await spent('model', 'OpenAI/gpt-4o-mini')).toEqual([0.0003, 0.0003]);
    expect(await spent('provider', 'openai')).toEqual([0.0053, 0.0053]);
    expect(await spent('team', 'search')).toEqual([0.005, 0.005]);
    expect(await spent('tag', 'project=p-1')).toEqual([0.005, 0.005]);
    expect(await spent('tag', 'cost_center=cc-1')).toEqual([0.005, 0.005]);
    expect(await spent('tag', 'env=prod')).toEqual([0, 0]);
    expect(await spent('all', null)).toEqual([0.0053, 0.0053]);
    // what nobody knows the price of is told, and is no 0
    expect(await budget('provider', 'anthropic')).toMatchObject({ current_spend: 0, unpriced_records: 1 });
  });

  it('never adds a bill to the usage that it is for', async () => {
    await sync(
      call({ team_id: 'search' }),
      call({ timestamp: `${day(0)}T00:00:00.000Z` }),
      call({ provider: 'aws.bedrock', model_name: 'anthropic.claude-3-haiku-20240307-v1:0', cached_input_tokens: 0 }),
    );
    // 1200 × 0.25 + 300 × 1.25 a million
    const [bedrock, both] = [0.000675, 0.011175];
    await bill('0.0055');
    // yesterday as billed, today as used
    expect(await spent('model', 'openai/gpt-4o')).toEqual([0.0105, 0.005]);
    expect(await spent('provider', 'openai')).toEqual([0.0105, 0.005]);
    // the bill names no team: what the team used still counts for it
    expect(await spent('team', 'search')).toEqual([0.005, 0.005]);
    expect(await spent('all', null)).toEqual([both, 0.005675]);
    // a cloud bills the models of its own service among everything else
    await bill('3', { provider: 'aws', service: 'Amazon EC2', skuId: null });
    expect(await spent('provider', 'aws')).toEqual([3.000675, bedrock]);
    expect(await spent('provider', 'aws_bedrock')).toEqual([bedrock, bedrock]);
    await bill('0.5', { provider: 'aws', service: 'Amazon Bedrock', skuId: null });
    expect(await spent('provider', 'aws')).toEqual([3.5, 0]);
    expect(await spent('provider', 'aws_bedrock')).toEqual([0.5, 0]);
  });

  it('fires, and tells the event stream', async () => {
    await sync(call({ requests: 100, input_tokens: 120_000, cached_input_tokens: 80_000, output_tokens: 30_000 }));
    await budget('model', 'openai/gpt-4o', { amount: 0.5, thresholds: [{ basis: 'actual', percent: 100 }] });
    const { body } = await app.call('POST', '/api/budgets/check', { as: admin });
    expect(body.data).toMatchObject({
      checked: 1,
      fired: [{ percent: 100, actual: 0.5, figures: { ai_usage_spend: '0.5' } }],
    });
    const events = await app.db.system((tx) =>
      tx.rows(
        `SELECT e.type, e.subject_type, e.data->>'actual' AS actual FROM flotilla.events e WHERE e.type = 'budget.threshold_crossed'`,
      ),
    );
    expect(events).toEqual([{ type: 'budget.threshold_crossed', subject_type: 'budget', actual: '0.5' }]);
  });

  it.each([['gpt-4o'], ['/gpt-4o'], ['openai/'], ['self_hosted/llama']])('refuses the model %s', async (value) => {
    expect(await budget('model', value)).toMatchObject({ code: 'VALIDATION_ERROR', details: { field: 'scope_value' } });
  });
});
