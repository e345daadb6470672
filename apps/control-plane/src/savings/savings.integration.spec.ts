import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import { SavingsQueries } from './savings.queries.js';
import { SavingsService } from './index.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Midnight, UTC, ten days ago. */
const T0 = Math.floor(Date.now() / DAY_MS) * DAY_MS - 10 * DAY_MS;

describe('the ledger of savings', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let id: number;
  let service: SavingsService;
  let queries: SavingsQueries;
  let agentId: string;
  let actions = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    service = new SavingsService(database.db);
    queries = new SavingsQueries(database.db);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    tenant = await createTenant(database.db);
    agentId = (await tenant.agent()).agentId;
    id = await tenant.instance({ cloudProvider: 'aws', state: 'stopped' });
    await sql(`UPDATE flotilla.instances SET tags = '{"team": "ml"}' WHERE id = $1`, [id]);
  });

  const sql = <T = unknown>(text: string, values: unknown[] = []) =>
    database.db.system((tx) => tx.rows<T & Record<string, unknown>>(text, values));
  const at = (hours: number) => new Date(T0 + hours * HOUR_MS);
  /** Hours since T0. */
  const history = async (of: number, ...spans: [number, number | null, string, string | null, string?][]) => {
    await sql('DELETE FROM flotilla.instance_spans WHERE tenant_id = $1 AND instance_id = $2', [tenant.tenantId, of]);
    for (const [since, until, state, price, currency] of spans) {
      await sql(
        `INSERT INTO flotilla.instance_spans (tenant_id, instance_id, state, hourly_cost, currency, since, until)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [tenant.tenantId, of, state, price, currency ?? 'USD', at(since), until === null ? null : at(until)],
      );
    }
  };
  /** Numbered as they come: of two stops at one moment the one that was asked for first has the credit. */
  const stop = (of: number, hours: number, policy: number | null = null) =>
    sql(
      `INSERT INTO flotilla.actions (tenant_id, id, verb, instance_id, status, open, requester_type, requester_label, requested_at,
         deadline, agent_id, control_kind, level, own_host, instance_generation, result_at, policy_id, policy_version)
       VALUES ($1, $2, 'stop', $3, 'succeeded', false, 'user', 'ada', $4, $4, $5, 'aws-ec2', 'power', false, 0, $4, $6, 1)`,
      [tenant.tenantId, `act_${String(++actions).padStart(26, '0')}`, of, at(hours - 0.01), agentId, policy],
    );
  const bill = (of: number, day: number, amount: number, more: Record<string, unknown> = {}) =>
    sql(
      `INSERT INTO flotilla.costs (tenant_id, origin, source, record_key, content_digest, charge_start, charge_end, charge_day,
         provider, service, instance_id, billed_cost, effective_cost, currency, commitment_discount_id, pricing_category)
       SELECT $1, 'bill', 'focus', sha256(gen_random_uuid()::text::bytea), sha256(''), d, d + interval '1 day',
         (d AT TIME ZONE 'UTC')::date, 'aws', 'EC2', $2, $4, $4, 'USD', $5, $6 FROM (SELECT $3::timestamptz AS d) x`,
      [tenant.tenantId, of, at(day * 24), amount, more['commitment'] ?? null, more['commitment'] ? 'Committed' : null],
    );
  const advance = (hours: number) => service.advance(tenant.tenantId, at(hours).getTime());
  const list = async (more: object = {}) =>
    (await queries.list(tenant.actor, { page: 1, limit: 50, ...more } as never)).items;
  const summary = (more: object = {}) =>
    queries.summary(tenant.actor, { days: 60, group_by: 'month', ...more } as never);
  const events = async () =>
    (
      await sql<{ type: string }>(
        `SELECT type FROM flotilla.events WHERE tenant_id = $1 AND type LIKE 'saving.%' ORDER BY at`,
        [tenant.tenantId],
      )
    ).map(({ type }) => type);

  it('promises, grows, ends with the next start, and is confirmed by the bill when it comes', async () => {
    await history(id, [-48, 10, 'running', '2'], [10, null, 'stopped', '2']);
    await stop(id, 10, 7);
    await advance(12);
    // off for 2 h × 2; a day is promised: 24 × 2
    expect(await list()).toMatchObject([
      {
        status: 'open',
        observed: '4',
        estimated: '48',
        estimate_basis: 'default',
        policy_id: 7,
        realisation_ratio: null,
      },
    ]);
    await history(id, [-48, 10, 'running', '2'], [10, 34, 'stopped', '2'], [34, null, 'running', '2']);
    await advance(36);
    expect(await list()).toMatchObject([
      { status: 'closed', observed: '48', end_reason: 'started', off_hours: 24, verified: null, realisation_ratio: 1 },
    ]);
    // a fifth off the list price: 10 h on the first day, 14 h on the second
    for (const day of [-2, -1]) await bill(id, day, 38.4);
    await bill(id, 0, 16);
    await bill(id, 1, 22.4);
    await sql(`UPDATE flotilla.savings SET advanced_at = now() - interval '2 hours' WHERE tenant_id = $1`, [
      tenant.tenantId,
    ]);
    await advance(60);
    // 24 h off × 1.6
    expect(await list()).toMatchObject([
      { status: 'verified', observed: '48', verified: '38.4', realisation_ratio: 0.8 },
    ]);
    expect(await events()).toEqual(['saving.estimated', 'saving.observed', 'saving.verified']);
    await advance(61);
    expect((await events()).length).toBe(3);
  });

  it('lists what stands behind a number of the summary: days, policy, person, machine, tag', async () => {
    const other = await tenant.instance({ cloudProvider: 'aws', state: 'stopped' });
    await history(id, [-48, 10, 'running', '2'], [10, 58, 'stopped', '2'], [58, null, 'running', '2']);
    await history(other, [-48, 60, 'running', '2'], [60, null, 'stopped', null]);
    await stop(id, 10, 7);
    await stop(other, 60);
    await advance(72);
    const machines = async (more: object) => (await list(more)).map(({ instance_id }) => instance_id);
    const [machine] = await list({ policy_id: 7 });
    const off = { start_date: at(24), end_date: at(24) };
    // it was stopped the day before, and off on this one; the other stopped later, at a price that nobody knows
    expect(await machines(off)).toEqual([id]);
    expect(await machines({ ...off, from: at(24) })).toEqual([]);
    expect(await machines({ start_date: at(48) })).toEqual([other, id]);
    expect(await machines({ start_date: at(72) })).toEqual([]);
    expect(await machines({ end_date: at(-1) })).toEqual([]);
    expect(await machines({ observed: true })).toEqual([id]);
    expect(await machines({ observed: true, start_date: at(72) })).toEqual([]);
    expect(await machines({ observed: false })).toEqual([other]);
    expect(await machines({ by_policy: true })).toEqual([id]);
    expect(await machines({ by_policy: false })).toEqual([other]);
    expect(await machines({ without_tag: 'team' })).toEqual([other]);
    expect(await machines({ tag: ['team:ml', 'team:ads'] })).toEqual([id]);
    expect(await machines({ provider_id: machine!.provider_id })).toEqual([id]);
  });

  it('is corrected by a bill that comes late and charges time that nobody saw', async () => {
    await history(id, [-48, 0, 'running', '2'], [0, 24, 'stopped', '2'], [24, null, 'running', '2']);
    await stop(id, 0);
    for (const day of [-2, -1]) await bill(id, day, 48);
    await bill(id, 0, 0);
    await advance(50);
    expect(await list()).toMatchObject([{ status: 'verified', verified: '48' }]);
    await bill(id, 0, 12);
    await sql(`UPDATE flotilla.savings SET advanced_at = now() - interval '2 hours' WHERE tenant_id = $1`, [
      tenant.tenantId,
    ]);
    await advance(51);
    expect(await list()).toMatchObject([{ verified: '36', realisation_ratio: 0.75 }]);
  });

  it('saves nothing where it is paid either way, and nothing known where the price is not', async () => {
    const owned = await tenant.instance({ cloudProvider: 'on_prem', state: 'stopped' });
    const unpriced = await tenant.instance({ cloudProvider: 'aws', state: 'stopped' });
    await history(owned, [0, null, 'stopped', '2']);
    await history(unpriced, [0, null, 'stopped', null]);
    await history(id, [-24, 0, 'running', '2'], [0, null, 'stopped', '2']);
    for (const day of [-2, -1]) await bill(id, day, 48, { commitment: 'ri-1' });
    for (const one of [owned, unpriced, id]) await stop(one, 0);
    await advance(10);
    const found = await list();
    const of = (instance: number) => found.find((one) => one.instance_id === instance);
    expect(of(owned)).toMatchObject({ observed: '0', estimated: '0', billing_model: 'always_on' });
    expect(of(unpriced)).toMatchObject({ observed: '0', estimated: null, hourly_cost: null, unpriced_hours: 10 });
    expect(of(id)).toMatchObject({ observed: '0', committed_share: 1 });
    expect(await summary()).toMatchObject({ unpriced_stops: 1, total: { observed: '0', stops: 3 } });
  });

  it('counts a moment once: two stops of one machine share none, and a second run adds nothing', async () => {
    await history(id, [0, 6, 'stopped', '2'], [6, 8, 'running', '2'], [8, null, 'stopped', '2']);
    await stop(id, 0, 1);
    await stop(id, 8, 2);
    // advice and a policy met: a second action whose stop was the same one
    await stop(id, 8, 3);
    for (let i = 0; i < 3; i++) await advance(18);
    const found = await list();
    expect(found.map(({ policy_id: policy, observed }) => [policy, observed])).toEqual([
      [2, '20'],
      [1, '12'],
    ]);
    // 16 h off × 2, and not an hour more
    expect((await summary()).total).toMatchObject({ observed: '32', stops: 2, off_hours: 16 });
  });

  it('sums by month, policy, team and tag, in the currency of the tenant, and lists what has no rate', async () => {
    const euro = await tenant.instance({ cloudProvider: 'aws', state: 'stopped' });
    await history(id, [0, 5, 'stopped', '2'], [5, null, 'running', '2']);
    await history(euro, [0, 5, 'stopped', '3', 'EUR'], [5, null, 'running', '3', 'EUR']);
    await stop(id, 0, 1);
    await stop(euro, 0, 2);
    await advance(9);
    const before = await summary({ group_by: 'team' });
    expect(before.groups.find(({ key }) => key === 'ml')).toMatchObject({ observed: '10', stops: 1 });
    expect(before).toMatchObject({
      currency: 'USD',
      total: { observed: '10' },
      unconverted: [{ currency: 'EUR', observed: '15' }],
    });
    await sql(
      `INSERT INTO flotilla.currency_rates (tenant_id, base, quote, day, rate, set_by) VALUES ($1, 'EUR', 'USD', '2020-01-01', 1.1, 'ada')`,
      [tenant.tenantId],
    );
    const after = await summary({ group_by: 'policy' });
    expect(after.groups).toMatchObject([
      { key: '2', observed: '16.5' },
      { key: '1', observed: '10' },
    ]);
    expect(after.total).toMatchObject({ observed: '26.5' });
    expect((await summary({ group_by: 'tag:team', tag: 'team:ml' })).groups).toHaveLength(1);
    expect(await list({ policy_id: 2 })).toHaveLength(1);
    expect(await list({ status: 'open' })).toEqual([]);
  });

  it('gives credit for thirty days and no longer', async () => {
    await history(id, [-40 * 24, null, 'stopped', '1']);
    await stop(id, -40 * 24);
    await advance(0);
    expect(await list()).toMatchObject([{ status: 'closed', end_reason: 'horizon', observed: '720' }]);
  });
});
