import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { AiSpendJob } from './ai-spend.job.js';

const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
const call = (more: object = {}) => ({
  timestamp: `${day}T10:00:00.000Z`,
  provider: 'acme',
  model_name: 'mystery-1',
  requests: 1,
  input_tokens: 1_000_000,
  output_tokens: 100_000,
  ...more,
});

describe('usage that gets a price later', () => {
  let app: TestApp;
  let admin: string;
  let key: string;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await app.login('admin');
    key = await app.apiKey(['agent']);
  });
  afterAll(() => app.close());

  const summary = async () => (await app.call('GET', '/api/ai-spend/summary', { as: admin })).body.data;
  const reprice = () => app.app.get(AiSpendJob).repriceAll();

  it('is priced when the tenant sets one, once, and recorded', async () => {
    const elements = [
      call(),
      call({ timestamp: `${day}T11:00:00.000Z`, team_id: 'search' }),
      // before the price holds; told without tokens; with a price
      call({ timestamp: new Date(Date.now() - 3 * 86_400_000).toISOString() }),
      call({ input_tokens: undefined, output_tokens: undefined, requests: 7 }),
      call({ provider: 'openai', model_name: 'gpt-4o' }),
    ];
    await app.call('POST', '/api/sync', { as: key, body: { ai_spend: elements } });
    await reprice();
    // 2.50 and 10 a million
    expect(await summary()).toMatchObject({ total_cost: 3.5, unpriced: { records: 4 } });
    const price = {
      kind: 'model',
      provider: 'acme',
      model_name: 'mystery*',
      input_cost: 2,
      output_cost: 5,
      valid_from: day,
    };
    expect((await app.call('POST', '/api/prices', { as: admin, body: price })).status).toBe(201);
    await reprice();
    // twice 2 + 0.5; sums by the hour follow
    const after = await summary();
    expect(after).toMatchObject({ total_cost: 8.5, records: 5, requests: 11, unpriced: { records: 2 } });
    await reprice();
    expect(await summary()).toEqual(after);
    const listed = await app.call('GET', '/api/ai-spend?provider=acme&team_id=search', { as: admin });
    expect(listed.body.data).toMatchObject([
      { cost: 2.5, cost_source: 'estimate', price_source: expect.stringMatching(/^price:\d+$/) },
    ]);
    const { body } = await app.call('GET', '/api/audit?event_type=ai_spend.repriced', { as: admin });
    expect(body.data).toMatchObject([
      { details: { records: 2, amounts: [{ currency: 'USD', records: 2, cost: '5' }] } },
    ]);
  });
});
