import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { AiSpendJob } from './ai-spend.job.js';

const DAY_MS = 86_400_000;
// one moment for the whole file: a test that runs over midnight must not change its days
const NOW = Date.now();
const day = (ago: number) => new Date(NOW - ago * DAY_MS).toISOString().slice(0, 10);
const call = (ago: number) => ({
  timestamp: `${day(ago)}T10:00:00.000Z`,
  provider: 'openai',
  model_name: 'gpt-4o',
  input_tokens: 1_000_000,
  output_tokens: 0,
  record_id: `of ${ago}`,
});

interface Tenant {
  readonly id: string;
  readonly owner: string;
  readonly key: string;
}

describe('how long records of AI usage are kept', () => {
  let app: TestApp;
  let short: Tenant;
  let long: Tenant;

  const tenant = async (id: string): Promise<Tenant> => ({
    id,
    owner: await app.login('owner', id),
    key: await app.apiKey(['agent'], id),
  });
  beforeAll(async () => {
    app = await startTestApp();
    short = await tenant(app.tenantId);
    long = await tenant(await app.newTenant());
  });
  afterAll(() => app.close());

  const setting = (of: Tenant, days: number) =>
    app.call('PATCH', '/api/tenant', { as: of.owner, body: { ai_usage_retention_days: days } });
  const tell = async (of: Tenant, ...ago: number[]) =>
    (await app.call('POST', '/api/sync', { as: of.key, body: { ai_spend: ago.map(call) } })).body.data.ai_spend;
  const records = async (of: Tenant): Promise<string[]> =>
    (
      (await app.call('GET', '/api/ai-spend?days=300&resolution=request', { as: of.owner })).body.data as {
        timestamp: string;
      }[]
    )
      .map((row) => row.timestamp.slice(0, 10))
      .sort();
  const total = async (of: Tenant) =>
    (await app.call('GET', '/api/ai-spend/summary?days=300', { as: of.owner })).body.data.total_cost;
  const keep = () => app.app.get(AiSpendJob, { strict: false }).keepDays();

  it('is 30 days, and each tenant its own setting between 2 and 400 days', async () => {
    const { body } = await app.call('GET', '/api/tenant', { as: short.owner });
    expect(body.data.ai_usage_retention_days).toBe(30);
    const changed = await setting(short, 5);
    expect([changed.status, changed.body.data.ai_usage_retention_days]).toEqual([200, 5]);
    for (const wrong of [1, 401, 2.5]) {
      const { status, body: refused } = await setting(short, wrong);
      expect([status, refused.details.field]).toEqual([400, 'ai_usage_retention_days']);
    }
    expect((await app.call('GET', '/api/tenant', { as: long.owner })).body.data.ai_usage_retention_days).toBe(30);
  });

  it('drops records of a day tenant by tenant, keeps their sums, and does not count them again', async () => {
    await setting(short, 5);
    await setting(long, 100);
    await tell(short, 2, 20, 120);
    await tell(long, 20, 120);
    // what came lately is kept however long ago it was used
    expect(await keep()).toEqual([]);
    expect(await records(short)).toEqual([day(120), day(20), day(2)]);

    await app.db.system((tx) => tx.rows(`UPDATE flotilla.ai_usage SET received_at = now() - interval '6 days'`));
    await keep();
    expect(await records(short)).toEqual([day(2)]);
    expect(await records(long)).toEqual([day(120), day(20)]);
    // 3 × 2.50 and 2 × 2.50, as before
    expect([await total(short), await total(long)]).toEqual([7.5, 5]);
    expect((await tell(short, 20)).rejected).toEqual([{ index: 0, error: expect.stringContaining('no longer kept') }]);
    expect(await tell(long, 20)).toMatchObject({ duplicates: 1, rejected: [] });

    await app.db.system((tx) => tx.rows(`UPDATE flotilla.ai_usage SET received_at = now() - interval '101 days'`));
    // of the last tenant that had any: the day itself goes
    expect(await keep()).toEqual([day(120)]);
    expect(await records(long)).toEqual([day(20)]);
    expect([await total(short), await total(long)]).toEqual([7.5, 5]);
  });
});
