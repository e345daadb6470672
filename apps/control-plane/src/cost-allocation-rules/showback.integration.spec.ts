import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';

// one moment for the whole file: its days stay what they are when it runs over midnight
const NOW = Date.now();
const day = (ago: number) => new Date(NOW - ago * 86_400_000).toISOString().slice(0, 10);
const RULE = { name: 'Untagged', key: 'team', method: 'even' };

describe('/cost-allocation-rules and /costs/showback', () => {
  let app: TestApp;
  let admin: string;
  let viewer: string;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await app.login('admin');
    viewer = await app.login('viewer');
    await charge('0.1', { team: 'search' });
    await charge('30.2', { team: 'search' });
    await charge('10.1', { team: 'ads' });
    await charge('7.000001', {});
    await charge('100', {}, 'AWS Support');
    await charge('50', { team: 'ads', pool: 'shared' }, 'Storage');
    await charge('5', { team: 'ads' }, 'Elsewhere', 'JPY');
  });
  afterAll(() => app.close());
  beforeEach(() => app.db.system((tx) => tx.rows('DELETE FROM flotilla.cost_allocation_rules')));

  const charge = (amount: string, tags: object, service = 'Amazon EC2', currency = 'USD') =>
    app.db.system((tx) =>
      tx.rows(
        `INSERT INTO flotilla.costs (tenant_id, origin, source, record_key, content_digest, charge_start, charge_end, charge_day,
           provider, service, billed_cost, effective_cost, currency, tags)
         VALUES ($1, 'reported', 'sync', sha256(gen_random_uuid()::text::bytea), sha256('x'), $2::date, $2::date + 1, $2::date,
           'aws', $3, $4, $4, $5, $6)`,
        [app.tenantId, day(1), service, amount, currency, JSON.stringify(tags)],
      ),
    );
  const call = (method: string, path = '', body?: unknown, as = admin) =>
    app.call(method, `/api/cost-allocation-rules${path}`, { as, ...(body === undefined ? {} : { body }) });
  const make = async (more: object = {}) => (await call('POST', '', { ...RULE, ...more })).body.data;
  const showback = async (query = 'key=team') => {
    const { body } = await app.call('GET', `/api/costs/showback?${query}`, { as: viewer });
    const summary = await app.call('GET', `/api/costs/summary?${query.replace(/&?key=team&?/, '')}`, { as: viewer });
    const millionths = [...body.data.values, body.data.unallocated].map((part: { total_cost: number }) =>
      Math.round(part.total_cost * 1e6),
    );
    expect(body.data.total_cost).toBe(summary.body.data.total_cost);
    expect(millionths.reduce((sum, part) => sum + part, 0)).toBe(Math.round(body.data.total_cost * 1e6));
    return body.data;
  };
  const sharedOf = async () =>
    Object.fromEntries(
      (await showback()).values.map((row: { value: string; shared_cost: number }) => [row.value, row.shared_cost]),
    );

  it('leaves everything untagged unallocated without a rule, and says what has no rate', async () => {
    expect(await showback()).toMatchObject({
      values: [
        { value: 'ads', direct_cost: 60.1, shared_cost: 0, total_cost: 60.1, record_count: 2 },
        { value: 'search', direct_cost: 30.3, shared: [], total_cost: 30.3, record_count: 2 },
      ],
      shared: [],
      unallocated: { total_cost: 107.000001, record_count: 2 },
      total_cost: 197.400001,
      currency: 'USD',
      unconverted: [{ currency: 'JPY', amount: 5, record_count: 1 }],
      simulated: false,
    });
  });

  it('splits untagged cost evenly, by weights and by use', async () => {
    const { id } = await make();
    expect(await sharedOf()).toEqual({ ads: 53.500001, search: 53.5 });
    const targets = [
      { value: 'ads', weight: 1 },
      { value: 'lab', weight: 0.5 },
    ];
    await call('PATCH', `/${id}`, { method: 'weighted', targets });
    expect(await sharedOf()).toEqual({ ads: 71.333334, lab: 35.666667, search: 0 });
    await call('PATCH', `/${id}`, { method: 'by_usage', targets: null });
    const { values } = await showback(); // 107.000001 × 60.1 ÷ 90.4
    expect(values[0]).toMatchObject({ value: 'ads', shared: [{ rule_id: id, amount: 71.136063 }] });
    await call('PATCH', `/${id}`, { usage_basis: 'gpu_hours' });
    expect(await showback()).toMatchObject({
      shared: [{ rule_id: id, allocated: false, total_cost: 107.000001 }],
      unallocated: { total_cost: 107.000001 },
    });
  });

  it('splits by the GPU-hours of running instances', async () => {
    const key = await app.apiKey(['agent']);
    const instance = (name: string, team: string, gpus: number) => ({
      instance_id: name,
      cloud_provider: 'aws',
      state: 'running',
      region: 'us-east-1',
      instance_type: 'p5.48xlarge',
      gpu_count: gpus,
      tags: { team },
    });
    await app.call('POST', '/api/sync', {
      as: key,
      body: { instances: [instance('i-1', 'search', 3), instance('i-2', 'lab', 1)] },
    });
    await app.db.system((tx) =>
      tx.rows(
        `UPDATE flotilla.instance_spans SET since = $1::date::timestamp AT TIME ZONE 'UTC', until = $1::date::timestamp AT TIME ZONE 'UTC' + interval '2 hours'`,
        [day(2)],
      ),
    );
    await make({ method: 'by_usage', usage_basis: 'gpu_hours', service: 'AWS Support' });
    expect(await sharedOf()).toEqual({ ads: 0, search: 75, lab: 25 });
  });

  it('gives each charge to the first rule that fits, within its days and the filters', async () => {
    const all = await make({ priority: 20 });
    const support = await make({ name: 'Support', priority: 10, service: 'AWS Support', provider: 'aws' });
    const pool = await make({ name: 'Pool', tag: 'pool:shared', only_untagged: false });
    expect(pool.priority).toBe(30);
    const { shared, unallocated, values } = await showback();
    expect(shared).toEqual([
      { rule_id: support.id, name: 'Support', method: 'even', total_cost: 100, record_count: 1, allocated: true },
      { rule_id: all.id, name: 'Untagged', method: 'even', total_cost: 7.000001, record_count: 1, allocated: true },
      { rule_id: pool.id, name: 'Pool', method: 'even', total_cost: 50, record_count: 1, allocated: true },
    ]);
    expect(unallocated).toEqual({ total_cost: 0, record_count: 0 });
    expect(values.find((row: { value: string }) => row.value === 'ads').direct_cost).toBe(10.1);
    await call('PATCH', `/${support.id}`, { valid_to: day(2) });
    expect((await showback()).shared.map((rule: { rule_id: number }) => rule.rule_id)).toEqual([all.id, pool.id]);
    expect((await showback('key=team&service=Storage')).total_cost).toBe(50);
  });

  it.each<[string, object, string]>([
    ['a negative weight', { method: 'weighted', targets: [{ value: 'a', weight: -1 }] }, 'weight'],
    ['weights that sum to zero', { method: 'weighted', targets: [{ value: 'a', weight: 0 }] }, 'targets'],
    ['a weight of 10^30', { method: 'weighted', targets: [{ value: 'a', weight: 1e30 }] }, 'weight'],
    ['weighted without weights', { method: 'weighted' }, 'targets'],
    ['weights of an even split', { targets: [{ value: 'a', weight: 1 }] }, 'targets'],
    ['a value twice', { targets: [{ value: 'a' }, { value: 'a' }] }, 'targets'],
    ['a basis without use', { usage_basis: 'cost' }, 'usage_basis'],
    ['a rule that takes all cost', { only_untagged: false }, 'only_untagged'],
    ['an end before the begin', { valid_from: day(1), valid_to: day(2) }, 'valid_to'],
    ['a field that nobody knows', { colour: 'red' }, 'colour'],
    ['a tag without a value', { tag: 'pool' }, 'tag'],
  ])('refuses %s', async (_, more, field) => {
    const { status, body } = await call('POST', '', { ...RULE, ...more });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(field);
  });

  it('refuses a name twice, and two rules that would take the same charge at once', async () => {
    const { id } = await make({ priority: 10, valid_to: day(5) });
    expect((await call('POST', '', { ...RULE, key: 'project' })).body.details.field).toBe('name');
    const same = { ...RULE, name: 'Other', priority: 10 };
    expect((await call('POST', '', same)).body).toMatchObject({ code: 'CONFLICT', details: { field: 'priority' } });
    expect((await call('POST', '', { ...same, valid_from: day(4) })).status).toBe(201);
    expect((await call('PATCH', `/${id}`, { valid_to: null })).status).toBe(409);
    expect((await call('PATCH', `/${id}`, { method: 'weighted' })).status).toBe(400);
    const first = await call('GET', '?limit=1');
    const second = await call('GET', `?limit=1&cursor=${first.body.pagination.next_cursor}`);
    expect([first.body.data[0].id, second.body.data[0].name]).toEqual([id, 'Other']);
  });

  it('is not changed over what somebody else changed meanwhile', async () => {
    const { id, updated_at: readAt } = await make();
    await app.db.system((tx) =>
      tx.rows(`UPDATE flotilla.cost_allocation_rules SET updated_at = updated_at + interval '1 second' WHERE id = $1`, [
        id,
      ]),
    );
    const late = await call('PATCH', `/${id}`, { name: 'Mine', if_updated_at: readAt });
    expect(late).toMatchObject({ status: 409, body: { details: { field: 'if_updated_at' } } });
    const { updated_at: now, name } = (await call('GET', `/${id}`)).body.data;
    expect(name).toBe(RULE.name);
    expect((await call('PATCH', `/${id}`, { name: 'Mine', if_updated_at: now })).body.data.name).toBe('Mine');
  });

  it('belongs to its tenant, and to admins', async () => {
    const { id } = await make();
    const stranger = await app.login('admin', await app.newTenant());
    expect((await call('GET', `/${id}`, undefined, stranger)).status).toBe(404);
    expect((await call('PATCH', `/${id}`, { priority: 1 }, stranger)).status).toBe(404);
    expect((await call('DELETE', `/${id}`, undefined, stranger)).status).toBe(404);
    const other = await app.call('GET', '/api/costs/showback?key=team', { as: stranger });
    expect(other.body.data).toMatchObject({ values: [], shared: [], total_cost: 0 });
    expect((await call('POST', '', RULE, viewer)).status).toBe(403);
    expect((await call('GET', `/${id}`, undefined, viewer)).body.data).toMatchObject({ ...RULE, priority: 10 });
    expect((await call('DELETE', `/${id}`)).body.data).toEqual({ done: true });
    expect((await call('GET', `/${id}`)).status).toBe(404);
  });
});
