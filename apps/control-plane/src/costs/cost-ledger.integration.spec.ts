import { costRecord } from '@flotilla/domain';
import type { CostRecord } from '@flotilla/domain';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import { CostLedger } from './cost-ledger.js';

const charge = (more: Partial<CostRecord> = {}) =>
  costRecord({
    origin: 'reported',
    source: 'sync',
    chargeStart: '2026-11-01T23:30:00.000Z',
    chargeEnd: '2026-11-02T00:30:00.000Z',
    provider: 'aws',
    service: 'Amazon EC2',
    billedCost: '12345678901234.000000000000000001',
    currency: 'USD',
    tags: { team: 'search' },
    ...more,
  });

describe('the ledger', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  const ledger = new CostLedger();

  beforeAll(async () => (database = await createTestDatabase()));
  afterAll(() => database.close());
  beforeEach(async () => (tenant = await createTenant(database.db)));

  const store = (...records: CostRecord[]) =>
    database.db.write(tenant.actor, (tx) => {
      tx.withoutAudit('test');
      return ledger.store(tx, { tenantId: tenant.tenantId }, records);
    });
  const rows = () =>
    database.db.read(tenant.actor, (tx) =>
      tx.rows(`SELECT c.*, c.charge_day::text AS day FROM flotilla.costs c ORDER BY c.id`),
    );

  it('keeps a charge once and every digit of it', async () => {
    expect(await store(charge())).toEqual({ accepted: 1, updated: 0, duplicates: 0 });
    expect(await store(charge())).toEqual({ accepted: 0, updated: 0, duplicates: 1 });
    expect(await rows()).toMatchObject([
      {
        billed_cost: '12345678901234.000000000000000001',
        effective_cost: '12345678901234.000000000000000001',
        list_cost: null,
        day: '2026-11-01',
        tags: { team: 'search' },
        superseded_by: null,
      },
    ]);
  });

  it('corrects a charge that is told anew, and says so', async () => {
    await store(charge({ recordId: 'r1', estimated: true }));
    const corrected = charge({ recordId: 'r1', billedCost: '2', effectiveCost: '2', service: 'Amazon S3' });
    expect(await store(corrected)).toEqual({ accepted: 0, updated: 1, duplicates: 0 });
    expect(await rows()).toMatchObject([{ billed_cost: '2', service: 'Amazon S3', estimated: false }]);
  });

  it('takes the last of two tellings in one list', async () => {
    const outcome = await store(charge({ recordId: 'r1' }), charge({ recordId: 'r1', billedCost: '7' }));
    expect(outcome).toEqual({ accepted: 1, updated: 0, duplicates: 1 });
    expect(await rows()).toMatchObject([{ billed_cost: '7' }]);
  });

  it.each([
    ['i-0abc', 'its id'],
    ['arn:aws:ec2:us-east-1:123456789012:instance/i-0abc', 'an ARN'],
    ['/subscriptions/1/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/i-0abc', 'a path'],
  ])('links %s to the instance that it names (%s)', async (resourceId) => {
    const other = await tenant.instance({ providerId: 'i-0abc', cloudProvider: 'gcp' });
    const own = await tenant.instance({ providerId: 'i-0abc', cloudProvider: 'aws' });
    await store(charge({ resourceId }), charge({ resourceId: 'i-unknown' }));
    expect((await rows()).map((row) => row['instance_id'] as number | null)).toEqual([own, null]);
    expect(other).not.toBe(own);
  });

  it('keeps the charges of an instance that is deleted, and links them no longer', async () => {
    const gone = await tenant.instance({ providerId: 'i-1', cloudProvider: 'aws' });
    const stays = await tenant.instance({ providerId: 'i-2', cloudProvider: 'aws' });
    await store(charge({ resourceId: 'i-1' }), charge({ resourceId: 'i-2' }));
    const linked = async () => (await rows()).map((row) => [row['resource_id'], row['instance_id']] as const);
    expect(new Map(await linked())).toEqual(
      new Map([
        ['i-1', gone],
        ['i-2', stays],
      ]),
    );
    await database.db.system((tx) => tx.rows('DELETE FROM flotilla.instances i WHERE i.id = $1', [gone]));
    expect(new Map(await linked())).toEqual(
      new Map([
        ['i-1', null],
        ['i-2', stays],
      ]),
    );
  });

  it("never touches another tenant's charges", async () => {
    await store(charge({ recordId: 'r1' }));
    const stranger = await createTenant(database.db);
    const theirs = await database.db.write(stranger.actor, (tx) => {
      tx.withoutAudit('test');
      return ledger.store(tx, { tenantId: stranger.tenantId }, [charge({ recordId: 'r1', billedCost: '1' })]);
    });
    expect(theirs.accepted).toBe(1);
    expect((await rows())[0]).toMatchObject({ billed_cost: '12345678901234.000000000000000001' });
  });
});

describe('the spans of an instance', () => {
  let database: TestDatabase;
  let tenant: TestTenant;

  beforeAll(async () => {
    database = await createTestDatabase();
    tenant = await createTenant(database.db);
  });
  afterAll(() => database.close());

  it('follow its state and its price without a gap, whoever changes them', async () => {
    const id = await tenant.instance();
    const change = (set: string) =>
      database.db.write(tenant.actor, (tx) => {
        tx.withoutAudit('test');
        return tx.rows(`UPDATE flotilla.instances SET ${set} WHERE id = $1`, [id]);
      });
    await change(`hourly_cost = 3.06, hourly_cost_source = 'user'`);
    await change(`name = 'no other span'`);
    await change(`state = 'stopped', state_changed_at = now() - interval '1 hour'`);
    await change(`state = 'running', state_changed_at = now() + interval '1 hour'`);
    const spans = await database.db.read(tenant.actor, (tx) =>
      tx.rows(
        `SELECT s.state, s.hourly_cost::float8 AS price, s.until IS NULL AS open, s.since <= now() AS begun,
                lead(s.since) OVER (ORDER BY s.id) = s.until AS joined FROM flotilla.instance_spans s ORDER BY s.id`,
      ),
    );
    expect(spans).toEqual([
      { state: 'running', price: null, open: false, begun: true, joined: true },
      { state: 'running', price: 3.06, open: false, begun: true, joined: true },
      { state: 'stopped', price: 3.06, open: false, begun: true, joined: true },
      { state: 'running', price: 3.06, open: true, begun: true, joined: null },
    ]);
  });
});
