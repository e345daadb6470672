import { costRecord } from '@flotilla/domain';
import type { CostRecord } from '@flotilla/domain';
import { systemActor } from '@flotilla/persistence';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { CostLedger } from '../costs/index.js';
import { Jobs } from '../platform/index.js';

const DAY_MS = 86_400_000;
const today = new Date();
const day = (ago: number) => new Date(today.getTime() - ago * DAY_MS).toISOString().slice(0, 10);
/** Cost days of this month that are over, and its length. */
const elapsed = today.getUTCDate() - 1;
const month = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1, 0)).getUTCDate();
let serial = 0;
const charge = (ago: number, amount: string, more: Partial<CostRecord> = {}) =>
  costRecord({
    origin: 'reported',
    source: 'sync',
    recordId: String(serial++),
    chargeStart: `${day(ago)}T00:00:00.000Z`,
    chargeEnd: `${day(ago)}T01:00:00.000Z`,
    provider: 'aws',
    service: 'Amazon EC2',
    billedCost: amount,
    currency: 'USD',
    ...more,
  });

describe('/budgets', () => {
  let app: TestApp;
  let admin: string;
  let viewer: string;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await app.login('admin');
    viewer = await app.login('viewer');
  });
  afterAll(() => app.close());
  beforeEach(() =>
    app.db.system(async (tx) => {
      await tx.rows('DELETE FROM flotilla.budget_alerts');
      await tx.rows('DELETE FROM flotilla.budgets');
      await tx.rows('DELETE FROM flotilla.cost_day_sightings');
      await tx.rows('DELETE FROM flotilla.currency_rates');
      await tx.rows('DELETE FROM flotilla.costs');
    }),
  );

  const keep = (...records: CostRecord[]) =>
    app.db.write(systemActor(app.tenantId, 'test'), (tx) => {
      tx.withoutAudit('test');
      return new CostLedger().store(tx, { tenantId: app.tenantId }, records);
    });
  /** 10 a day for 60 days, today left out. */
  const steady = (more: Partial<CostRecord> = {}) =>
    keep(...Array.from({ length: 60 }, (_, i) => charge(i + 1, '10', more)));
  const make = async (body: object) => (await app.call('POST', '/api/budgets', { as: admin, body })).body;
  const check = async () => (await app.call('POST', '/api/budgets/check', { as: admin })).body.data;

  it('shows what a month has cost and what it comes to', async () => {
    await steady();
    const { data } = await make({ name: 'All', amount: 10 * month });
    expect(data).toMatchObject({ scope: 'all', scope_value: null, currency: 'USD', period: 'month', enabled: true });
    expect(data.current).toMatchObject({
      elapsed_days: elapsed,
      current_spend: 10 * elapsed,
      remaining_days: month - elapsed,
      burn_rate: 1,
      forecast_method: 'weekday_profile',
      projected_spend: 10 * month,
      projected_overage: 0,
      overrun_probability: 1,
      interval_80: { low: 10 * month, high: 10 * month },
    });
    const list = await app.call('GET', '/api/budgets', { as: viewer });
    expect(list.body.data[0].current).toEqual(data.current);
    expect(list.body.pagination.total).toBe(1);
  });

  it('sums what its scope asks for, exactly', async () => {
    await keep(
      charge(0, '0.1', { tags: { team: 'search', env: 'prod' } }),
      charge(0, '0.2', { tags: { team: 'search' }, service: 'Amazon S3' }),
      charge(0, '-0.05', { tags: { team: 'search' }, chargeCategory: 'Credit' }),
      charge(0, '7', { provider: 'gcp', service: 'BigQuery', subAccountId: 'proj-1' }),
    );
    const spend = async (scope: string, scope_value: string | null) =>
      (await make({ name: `${scope} ${scope_value}`, scope, scope_value, amount: 1, period: 'day' })).data.current
        .current_spend;
    expect(await spend('all', null)).toBe(7.25);
    expect(await spend('team', 'search')).toBe(0.25);
    expect(await spend('tag', 'env=prod')).toBe(0.1);
    expect(await spend('service', 'Amazon S3')).toBe(0.2);
    expect(await spend('provider', 'gcp')).toBe(7);
    expect(await spend('account', 'proj-1')).toBe(7);
    expect(await spend('team', 'nobody')).toBe(0);
  });

  it('fires each threshold once in a period, at the boundary, on whatever replica', async () => {
    await keep(charge(0, '80'));
    await make({
      name: 'Today',
      amount: 100,
      period: 'day',
      thresholds: [
        { basis: 'actual', percent: 80 },
        { basis: 'actual', percent: 80.01 },
      ],
    });
    const first = await check();
    expect(first).toMatchObject({ checked: 1, fired: [{ basis: 'actual', percent: 80, actual: 80, amount: 100 }] });
    expect(first.fired[0].message).toBe('Today: 80 of 100 USD are spent, 80 %: the threshold of 80 % is reached.');
    expect((await check()).fired).toEqual([]);
    const replica = await startTestApp({ beside: app });
    try {
      await keep(charge(0, '1'));
      await Promise.all([app, replica].map((one) => one.app.get(Jobs).runNow('budgets.check')));
    } finally {
      await replica.close();
    }
    const history = (await app.call('GET', '/api/budgets/alerts', { as: viewer })).body.data;
    expect(history.map((alert: { percent: number }) => alert.percent)).toEqual([80.01, 80]);
    expect(history[0].figures).toMatchObject({ current_spend: '81' });
    const audit = (await app.call('GET', '/api/audit?event_type=budget.alert', { as: admin })).body.data;
    expect(audit).toHaveLength(2);
  });

  it('fires on the forecast before the money is spent, and keeps the history of a budget that goes', async () => {
    await steady();
    const { data } = await make({
      name: 'Forecast',
      amount: 10 * month,
      thresholds: [{ basis: 'forecast_p80', percent: 100 }],
    });
    const { fired } = await check();
    expect(fired).toMatchObject([{ basis: 'forecast_p80', figures: { overrun_probability: 1 } }]);
    expect((await app.call('DELETE', `/api/budgets/${data.id}`, { as: admin })).status).toBe(200);
    const history = (await app.call('GET', '/api/budgets/alerts', { as: viewer })).body.data;
    expect(history).toMatchObject([{ budget_id: null, budget_name: 'Forecast' }]);
  });

  it('invents nothing where there is little history', async () => {
    await keep(charge(1, '10'), charge(2, '10'));
    const { data } = await make({ name: 'New', amount: 100 });
    expect(data.current).toMatchObject({
      forecast_method: 'none',
      projected_spend: null,
      interval_80: null,
      overrun_probability: null,
    });
    expect(data.coverage).toEqual({ periods: 0, within_80: null, within_95: null, median_error: null });
  });

  it('has a budget in another currency, at the rate of the day', async () => {
    const rate = (value: string) =>
      app.db.system((tx) =>
        tx.rows(
          `INSERT INTO flotilla.currency_rates (tenant_id, base, quote, day, rate, set_by) VALUES ($1, 'EUR', 'USD', $2, $3, 'test')`,
          [app.tenantId, day(90), value],
        ),
      );
    const refused = await make({ name: 'Euro', amount: 100, currency: 'EUR' });
    expect(refused).toMatchObject({ code: 'VALIDATION_ERROR', details: { field: 'currency' } });
    expect(refused.error).toContain('no rate of EUR into USD');
    await rate('1.25');
    await keep(charge(0, '50'), charge(0, '20', { currency: 'EUR' }), charge(0, '9', { currency: 'JPY' }));
    const { data } = await make({ name: 'Euro', amount: 100, currency: 'EUR', period: 'day' });
    expect(data.current).toMatchObject({ current_spend: 60, unconverted_records: 1 }); // 50 / 1.25 + 20; JPY has no rate
  });

  it("answers the month's status with and without a budget", async () => {
    await steady();
    const status = async () => (await app.call('GET', '/api/costs/budget-status', { as: viewer })).body.data;
    expect(await status()).toMatchObject({
      budget_id: null,
      budget_amount: null,
      utilization_percent: null,
      projected_spend: 10 * month,
      projected_overage: null,
    });
    await make({ name: 'Team', scope: 'team', scope_value: 'search', amount: 5 });
    await make({ name: 'All', amount: 5 * month });
    expect(await status()).toMatchObject({
      budget_name: 'All',
      budget_amount: 5 * month,
      burn_rate: 2,
      projected_overage: 5 * month,
      overrun_probability: 1,
      budgets: [{ name: 'Team', scope_value: 'search', current_spend: 0 }],
    });
  });

  it('counts all budgets by how they stand, and lists the worst first, whatever page is asked for', async () => {
    await steady();
    for (const [name, amount, more] of [
      ['fine', 1e6, {}],
      ['off', 1, { enabled: false }],
      ['over', 0, {}],
      ['waiting', 1, { period: 'custom', starts_on: '2020-01-01', ends_on: '2020-01-31' }],
      ['over too', 0, { scope: 'provider', scope_value: 'aws', period: 'year' }],
    ] as const) {
      await make({ name, amount, ...more });
    }
    const list = async (query: string) => (await app.call('GET', `/api/budgets?${query}`, { as: viewer })).body;
    const names = (body: { data: { name: string }[] }) => body.data.map(({ name }) => name);
    // on the first of a month nothing of it is over: the year's budget is then
    const over = elapsed > 0 ? 2 : 1;
    const first = await list('limit=2&sort=standing');
    expect(first.summary).toMatchObject({ over, likely: 2 - over, maybe: 0, fine: 1, waiting: 1, off: 1 });
    expect(first.pagination).toMatchObject({ total: 5, next_cursor: null, has_more: true });
    expect(names(first).toSorted()).toEqual(['over', 'over too']);
    expect(names(await list('limit=2&page=3&sort=standing'))).toEqual(['off']);
    const risky = await list('limit=1&standing=over&standing=likely&standing=maybe');
    expect([risky.pagination.total, names(risky), risky.summary.fine]).toEqual([2, ['over'], 1]);
    expect(names(await list(`limit=1&standing=over&standing=likely&cursor=${risky.pagination.next_cursor}`))).toEqual([
      'over too',
    ]);
    expect(await list(`sort=standing&cursor=${risky.pagination.next_cursor}`)).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { field: 'cursor' },
    });
    expect(await list('standing=worst')).toMatchObject({ details: { field: 'standing.0' } });
  });

  it('changes what is given and leaves the rest', async () => {
    const { data } = await make({ name: 'Tag', scope: 'tag', scope_value: 'env=prod', amount: 5 });
    const put = (body: object, as = admin) => app.call('PUT', `/api/budgets/${data.id}`, { as, body });
    expect((await put({ amount: 6, enabled: false })).body.data).toMatchObject({
      amount: 6,
      enabled: false,
      scope_value: 'env=prod',
    });
    expect((await put({ amount: 7 }, viewer)).status).toBe(403);
    expect((await put({})).status).toBe(400);
    const stranger = await app.login('admin', await app.newTenant());
    expect((await put({ amount: 7 }, stranger)).status).toBe(404);
    expect((await app.call('GET', `/api/budgets/${data.id}`, { as: stranger })).status).toBe(404);
    expect((await app.call('GET', '/api/budgets', { as: stranger })).body.data).toEqual([]);
    expect((await make({ name: 'Tag', amount: 1 })).code).toBe('CONFLICT');
  });

  it.each([
    ['amount', { amount: -1 }],
    ['amount', { amount: 1e30 }],
    ['scope', { scope: 'model', scope_value: 'gpt-4o' }],
    ['scope', { scope: 'planet' }],
    ['scope_value', { scope: 'team' }],
    ['scope_value', { scope: 'tag', scope_value: 'env' }],
    ['scope_value', { scope_value: 'search' }],
    ['ends_on', { starts_on: '2026-02-10', ends_on: '2026-02-09' }],
    ['ends_on', { period: 'custom', starts_on: '2026-02-10' }],
    ['starts_on', { anchor: 'start' }],
    ['starts_on', { starts_on: '2026-02-30' }],
    ['currency', { currency: 'EUR' }],
    ['thresholds', { thresholds: [{ basis: 'actual', percent: 0 }] }],
  ])('refuses a wrong %s, naming it', async (field, more) => {
    const answer = await app.call('POST', '/api/budgets', { as: admin, body: { name: 'Bad', amount: 5, ...more } });
    expect(answer.status).toBe(400);
    expect(answer.body.details.field).toContain(field);
  });
});
