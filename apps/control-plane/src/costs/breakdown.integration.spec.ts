import { costRecord } from '@flotilla/domain';
import type { CostRecord } from '@flotilla/domain';
import { systemActor } from '@flotilla/persistence';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { CostLedger } from './cost-ledger.js';

const DAY_MS = 86_400_000;
const today = new Date();
const day = (ago: number) => new Date(today.getTime() - ago * DAY_MS).toISOString().slice(0, 10);
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

describe('cost by any dimension', () => {
  let app: TestApp;
  let viewer: string;

  beforeAll(async () => {
    app = await startTestApp();
    viewer = await app.login('viewer');
  });
  afterAll(() => app.close());
  beforeEach(() => app.db.system((tx) => tx.rows('DELETE FROM flotilla.costs')));

  const keep = (...records: CostRecord[]) =>
    app.db.write(systemActor(app.tenantId, 'test'), (tx) => {
      tx.withoutAudit('test');
      return new CostLedger().store(tx, { tenantId: app.tenantId }, records);
    });
  const get = async (path: string) => (await app.call('GET', `/api/costs${path}`, { as: viewer })).body;

  it('says which groups make the change, to the last digit, and leaves today out of it', async () => {
    const of = (team: string) => ({ tags: { team } });
    await keep(
      // the days before: 10.1 + 5, now: 12.3 + 2 + 1; today's 7 is in the total and in no comparison
      charge(3, '10.1', of('search')),
      charge(3, '5', of('vision')),
      charge(1, '12.3', of('search')),
      charge(1, '2', of('speech')),
      charge(2, '1'),
      charge(0, '7', { ...of('search'), estimated: true }),
    );
    const { data } = await get('/breakdown?by=tag:team&days=3');
    expect(data.compared).toEqual({
      days: 2,
      start_date: day(2),
      end_date: day(1),
      previous_start_date: day(4),
      previous_end_date: day(3),
    });
    expect(data.groups).toMatchObject([
      { value: 'search', total_cost: 19.3, estimated_cost: 7, current_cost: 12.3, change: 2.2, change_percent: 21.78 },
      { value: 'speech', total_cost: 2, previous_cost: 0, change: 2, change_percent: null },
      { value: null, total_cost: 1, change: 1 },
      { value: 'vision', total_cost: 0, record_count: 0, previous_cost: 5, change: -5, change_percent: -100 },
    ]);
    // 2.2 + 2 + 1 - 5
    expect(data.total).toMatchObject({ total_cost: 22.3, current_cost: 15.3, previous_cost: 15.1, change: 0.2 });
    expect(data.dates).toEqual([day(2), day(1), day(0)]);
    expect(data.groups[0].daily).toEqual([null, 12.3, 7]);
    expect(data.other).toBeNull();
  });

  it('compares nothing where no day is over', async () => {
    await keep(charge(0, '7'), charge(1, '3'));
    const { data } = await get('/breakdown?days=1');
    expect(data.compared).toBeNull();
    expect(data.total).toMatchObject({ total_cost: 7, current_cost: 0, previous_cost: 0, change: 0 });
  });

  it('folds what is beyond the limit, and keeps what vanished among the great', async () => {
    await keep(
      charge(1, '1', { service: 'a' }),
      charge(1, '2', { service: 'b' }),
      charge(1, '3', { service: 'c' }),
      charge(2, '9', { service: 'gone' }),
    );
    const { data } = await get(`/breakdown?by=service&limit=2&start_date=${day(1)}&end_date=${day(1)}`);
    expect(data.groups.map((group: { value: string }) => group.value)).toEqual(['c', 'gone']);
    expect(data.other).toMatchObject({ groups: 2, total_cost: 3, change: 3, daily: [3] });
    expect(data.total).toMatchObject({ total_cost: 6, change: -3 });
  });

  it('tells how much was used where one unit says it', async () => {
    const hours = (quantity: string, unit = 'Hours') => ({ consumedQuantity: quantity, consumedUnit: unit });
    await keep(
      charge(2, '40', { region: 'us-east-1', ...hours('20') }),
      charge(1, '75', { region: 'us-east-1', ...hours('30') }),
      charge(1, '5', { region: 'us-west-2', ...hours('5') }),
      charge(1, '5', { region: 'us-west-2', ...hours('5', 'GB') }),
      charge(1, '4'),
    );
    const { data } = await get(`/breakdown?by=region&start_date=${day(1)}&end_date=${day(1)}`);
    expect(data.groups).toMatchObject([
      { value: 'us-east-1', usage: { unit: 'Hours', current: 30, previous: 20 } },
      { value: 'us-west-2', usage: null },
      { value: null, usage: null },
    ]);
  });

  it('groups by GPU, instance and account, and finds the rows behind every group', async () => {
    const instances = [
      {
        instance_id: 'i-7',
        cloud_provider: 'aws',
        name: 'trainer-7',
        gpu_type: 'H100',
        gpu_count: 8,
        state: 'stopped',
      },
    ];
    await app.call('POST', '/api/sync', { as: await app.apiKey(['agent']), body: { instances } });
    const [{ id }] = (await app.db.system((tx) =>
      tx.rows<{ id: string }>(`SELECT id::text AS id FROM flotilla.instances WHERE provider_id = 'i-7'`),
    )) as [{ id: string }];
    await keep(
      charge(1, '10', { subAccountId: 'acc', tags: { team: 'search', project: 'p' } }),
      charge(1, '3', { chargeCategory: 'Tax', region: 'us-east-1' }),
    );
    await app.db.system((tx) => tx.rows(`UPDATE flotilla.costs SET instance_id = $1 WHERE billed_cost = 10`, [id]));
    const groups = async (by: string) => (await get(`/breakdown?by=${by}`)).data.groups;
    expect(await groups('gpu_type')).toMatchObject([
      { value: 'H100', total_cost: 10 },
      { value: null, total_cost: 3 },
    ]);
    expect(await groups('instance')).toMatchObject([
      { value: 'i-7', name: 'trainer-7' },
      { value: null, name: null },
    ]);
    expect(await groups('account')).toMatchObject([{ value: 'acc' }, { value: null }]);
    const amounts = async (filter: string) =>
      (await get(`?${filter}`)).data.map(({ amount }: { amount: number }) => amount);
    expect(await amounts('gpu_type=H100')).toEqual([10]);
    expect(await amounts('instance_id=i-7')).toEqual([10]);
    expect(await amounts('tag=team:search&tag=project:p')).toEqual([10]);
    expect(await amounts('tag=team:search&tag=project:q')).toEqual([]);
    expect(await amounts('account_id=acc')).toEqual([10]);
    expect(await amounts('charge_category=Tax')).toEqual([3]);
    expect(await amounts('origin=bill')).toEqual([]);
    for (const lack of ['gpu_type', 'instance', 'account', 'tag:team', 'account,tag:team', 'tag:a,b,account']) {
      expect([lack, await amounts(`without=${lack}`)]).toEqual([lack, [3]]);
    }
    expect(await amounts('without=region&without=tag:team')).toEqual([]);
    expect(await amounts('without=region')).toEqual([10]);
    const refused = await app.call('GET', '/api/costs/breakdown?by=colour', { as: viewer });
    expect(refused.body).toMatchObject({ code: 'VALIDATION_ERROR', details: { field: 'by' } });
  });

  it('knows the keys of tags, and how much cost has them', async () => {
    await keep(
      charge(1, '10', { tags: { team: 'search', empty: '' } }),
      charge(1, '5', { tags: { team: 'vision', project: 'p' } }),
      charge(1, '1'),
    );
    const { data } = await get('/tag-keys');
    expect(data.keys).toEqual([
      { tag_key: 'team', values: 2, total_cost: 15, record_count: 2 },
      { tag_key: 'project', values: 1, total_cost: 5, record_count: 1 },
    ]);
    expect(data.total_cost).toBe(16);
  });
});

describe('the forecast of the month', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('is what is spent so far, and as much again for each day to come where every day costs the same', async () => {
    const records = Array.from({ length: 60 }, (_, i) => charge(i + 1, '10', { service: 'even' }));
    await app.db.write(systemActor(app.tenantId, 'test'), (tx) => {
      tx.withoutAudit('test');
      return new CostLedger().store(tx, { tenantId: app.tenantId }, [...records, charge(1, '99', { service: 'odd' })]);
    });
    const as = await app.login('viewer');
    const { data } = (await app.call('GET', '/api/costs/forecast?service=even', { as })).body;
    const [year, month] = [today.getUTCFullYear(), today.getUTCMonth()];
    const daysOfMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    const over = today.getUTCDate() - 1;
    expect(data).toMatchObject({
      first_day: new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10),
      last_day: new Date(Date.UTC(year, month, daysOfMonth)).toISOString().slice(0, 10),
      today: day(0),
      spent: 10 * over,
      method: 'weekday_profile',
      projected: 10 * daysOfMonth,
      interval_95: { low: 10 * daysOfMonth, high: 10 * daysOfMonth },
      unconverted_records: 0,
      currency: 'USD',
    });
    expect(data.days).toHaveLength(daysOfMonth);
    expect(data.days.at(-1)).toMatchObject({ projected: 10 * daysOfMonth });
    expect(data.days[over]).toMatchObject({ date: day(0), spent: 10 * over, projected: 10 * (over + 1) });
    const none = (await app.call('GET', '/api/costs/forecast?service=none', { as })).body.data;
    expect(none).toMatchObject({ spent: 0, method: 'none', projected: null, interval_95: null });
  });
});
