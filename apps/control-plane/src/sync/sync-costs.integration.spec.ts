import { startTestApp } from '../../../../test/support/app.js';
import type { Answer, TestApp } from '../../../../test/support/app.js';

const charge = (more: object = {}) => ({
  date: '2026-11-01',
  service: 'Amazon EC2',
  amount: '161.280000000000000001',
  cloud_provider: 'aws',
  instance_id: 'i-0abc',
  ...more,
});

describe('the section costs of POST /sync', () => {
  let app: TestApp;
  let key: string;

  beforeAll(async () => {
    app = await startTestApp();
    key = await app.apiKey(['agent']);
  });
  afterAll(() => app.close());
  beforeEach(() => app.db.system((tx) => tx.rows('DELETE FROM flotilla.costs')));

  const sync = (costs: unknown[]): Promise<Answer> => app.call('POST', '/api/sync', { as: key, body: { costs } });
  const rows = () =>
    app.db.system((tx) => tx.rows(`SELECT c.*, c.charge_day::text AS day FROM flotilla.costs c ORDER BY c.id`));

  it('stores a charge once, corrects it when it changes, and keeps every digit', async () => {
    const instance = { instance_id: 'i-0abc', cloud_provider: 'aws', state: 'running' };
    await app.call('POST', '/api/sync', { as: key, body: { instances: [instance] } });
    expect((await sync([charge()])).body.data.costs).toMatchObject({ accepted: 1, duplicates: 0, rejected: [] });
    expect((await sync([charge()])).body.data.costs).toMatchObject({ accepted: 0, duplicates: 1 });
    expect((await sync([charge({ amount: 162 })])).body.data.costs).toMatchObject({ accepted: 0, updated: 1 });
    expect(await rows()).toMatchObject([
      { billed_cost: '162', currency: 'USD', origin: 'reported', day: '2026-11-01', instance_id: expect.any(Number) },
    ]);
  });

  it.each([
    [{ amount: '-5' }, 'charge_category'],
    [{ amount: '1e30' }, 'amount'],
    [{ amount: 1e30 }, 'amount'],
    [{ amount: 'NaN' }, 'amount'],
    [{ currency: 'dollars' }, 'currency'],
    [{ date: '2126-11-01' }, 'is in the future'],
    [{ date: undefined, timestamp: 5e10 }, 'is in the future'],
    [{ date: '2026-02-30' }, 'date'],
    [{ period_end: '2026-10-01T00:00:00Z' }, 'period_end'],
    [{ service: undefined }, 'service is required'],
    [{ date: undefined }, 'date or timestamp'],
  ])('rejects %j and stores its neighbours', async (fault, words) => {
    const { costs } = (await sync([charge(fault), charge({ service: 'Amazon S3' })])).body.data;
    expect(costs).toMatchObject({ accepted: 1, rejected: [{ index: 0, error: expect.stringContaining(words) }] });
    expect(await rows()).toHaveLength(1);
  });

  it('takes a credit, and tells an estimate from what was billed', async () => {
    await sync([charge({ amount: '-5.25', charge_category: 'credit' }), charge({ cost_source: 'estimate' })]);
    expect(await rows()).toMatchObject([
      { billed_cost: '-5.25', charge_category: 'Credit', origin: 'reported' },
      { origin: 'metered', source: 'sync-estimate' },
    ]);
  });

  it('tells apart what an AI provider bills by model, kind of token and project', async () => {
    const ai = (more: object) =>
      charge({ cloud_provider: 'openai', service: 'OpenAI', instance_id: undefined, ...more });
    const { costs } = (
      await sync([
        ai({ model_name: 'gpt-4o', token_type: 'input' }),
        ai({ model_name: 'gpt-4o', token_type: 'output' }),
        ai({ model_name: 'gpt-4o', token_type: 'output', project_id: 'p1', account_id: 'org-1' }),
      ])
    ).body.data;
    expect(costs.accepted).toBe(3);
    expect((await rows())[2]).toMatchObject({
      sku_id: 'gpt-4o/output/',
      billing_account_id: 'org-1',
      sub_account_id: 'p1',
    });
  });
});
