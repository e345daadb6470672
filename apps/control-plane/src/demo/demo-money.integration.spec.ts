import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { DemoFleets } from './demo-fleet.js';
import { DemoMoney } from './index.js';

/** Fewer days than the demo has, so that the test is quick; above those that a projection with an interval needs. */
const DAYS = 34;

describe('money of the demo', () => {
  let app: TestApp;
  let viewer: string;
  let money: DemoMoney;
  const now = Date.now();
  const get = async (path: string) => (await app.call('GET', `/api${path}`, { as: viewer })).body.data;
  const write = async () => money.write(await app.app.get(DemoFleets).enlist(app.tenantId, now), DAYS, now);

  beforeAll(async () => {
    app = await startTestApp();
    viewer = await app.login('viewer');
    money = app.app.get(DemoMoney);
    await write();
  }, 120_000);
  afterAll(() => app?.close());

  it('has a past of costs, by team, marked as simulated', async () => {
    const summary = await get('/costs/summary?days=30');
    expect(summary.simulated).toBe(true);
    expect(summary.daily).toHaveLength(30);
    // 40 machines, of which two are off at night: some 1,900 USD an hour
    expect(summary.total_cost).toBeGreaterThan(1_100_000);
    expect(summary.total_cost).toBeLessThan(1_600_000);
    const { groups } = await get('/costs/by-tags?tag_key=team&days=30');
    const teams = groups.map((group: { tag_value: string | null }) => group.tag_value);
    expect(teams).toEqual(expect.arrayContaining(['foundation-models', 'assistants', 'search', null]));
  });

  it('has AI usage of others and of its own machines, with what nobody knows the price of', async () => {
    const summary = await get('/ai-spend/summary?days=30');
    expect(summary).toMatchObject({ simulated: true, overlaps: [] });
    expect(summary.by_provider.map((one: { provider: string }) => one.provider)).toEqual(
      expect.arrayContaining(['anthropic', 'openai', 'aws_bedrock', 'self_hosted', 'acme']),
    );
    expect(summary.unpriced.models).toEqual(
      expect.arrayContaining([expect.objectContaining({ model_name: 'acme-vision-2' })]),
    );
    const { models, training_runs: runs } = await get('/ai-spend/unit-economics?days=30');
    const own = models.filter((model: { own: boolean }) => model.own);
    expect(own.map((model: { model_name: string }) => model.model_name)).toContain('atlas-70b-chat');
    expect(own.find((model: { model_name: string }) => model.model_name === 'atlas-70b-chat').cost).toBeGreaterThan(
      1000,
    );
    expect(runs.length).toBeGreaterThan(3);
  });

  it('has budgets, one near its limit, and workloads', async () => {
    const budgets = await get('/budgets');
    const pilot = budgets.find(({ name }: { name: string }) => name.startsWith('Google Cloud'));
    expect(pilot.current.utilization_percent).toBeGreaterThan(85);
    expect(pilot.current.utilization_percent).toBeLessThan(105);
    expect(pilot.current.forecast_method).toBe('weekday_profile');
    expect(budgets.length).toBe(6);
    expect((await get('/ai-spend/budget-status')).workloads).toHaveLength(4);
  });

  it('is written once, and can be taken back', async () => {
    const sums = async () => {
      const { total_cost: cost, records, daily } = await get('/ai-spend/summary?days=30');
      return [await get('/costs/summary?days=30'), cost, records, daily, (await get('/budgets')).length];
    };
    const before = await sums();
    await write();
    expect(await sums()).toEqual(before);
    await money.remove(app.tenantId);
    expect(await get('/costs/summary?days=30')).toMatchObject({ total_cost: 0 });
    expect(await get('/ai-spend/summary?days=30')).toMatchObject({ records: 0 });
    expect(await get('/budgets')).toEqual([]);
  });
});
