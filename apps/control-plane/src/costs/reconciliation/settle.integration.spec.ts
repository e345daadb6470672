import { COST_ORIGINS, costRecord, supersededBy } from '@flotilla/domain';
import type { Claim, CostRecord } from '@flotilla/domain';
import fc from 'fast-check';
import { createTestDatabase } from '../../../../../test/support/database.js';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { createTenant } from '../../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../../test/support/fleet.js';
import { CostLedger } from '../cost-ledger.js';
import { Reconciliation } from './reconciliation.service.js';

describe('settling', () => {
  let database: TestDatabase;
  let tenant: TestTenant;
  let ids: readonly [number, number];
  const ledger = new CostLedger();
  const reconciliation = new Reconciliation();

  beforeAll(async () => (database = await createTestDatabase()));
  afterAll(() => database.close());
  beforeEach(async () => {
    tenant = await createTenant(database.db);
    const instance = (providerId: string) => tenant.instance({ providerId, cloudProvider: 'aws' });
    ids = [await instance('i-1'), await instance('i-2')];
  });

  const DAY = '2026-11-01';
  const charge = (more: Partial<CostRecord>): CostRecord =>
    costRecord({
      origin: 'metered',
      source: 'test',
      chargeStart: `${DAY}T00:00:00.000Z`,
      chargeEnd: `${DAY}T12:00:00.000Z`,
      provider: 'aws',
      service: 'Amazon Elastic Compute Cloud',
      billedCost: '1',
      currency: 'USD',
      ...more,
    });
  const settled = (...records: CostRecord[]) =>
    database.db.write(tenant.actor, async (tx) => {
      tx.withoutAudit('test');
      await tx.rows('DELETE FROM flotilla.costs');
      await ledger.store(
        tx,
        { tenantId: tenant.tenantId },
        records.map((one, i) => ({ ...one, recordId: String(i) })),
      );
      await reconciliation.settle(tx, tenant.tenantId, '2026-10-01', '2026-12-01');
      return tx.rows<{ id: number; instance_id: number | null; superseded_by: string | null }>(
        'SELECT c.id, c.instance_id, c.superseded_by FROM flotilla.costs c ORDER BY c.id',
      );
    });

  const anyCharge = fc
    .record({
      origin: fc.constantFrom(...COST_ORIGINS),
      provider: fc.constantFrom('aws', 'aws', 'gcp'),
      subAccountId: fc.constantFrom('111', '222', null),
      billingAccountId: fc.constantFrom('111', '999', null),
      service: fc.constantFrom('Amazon Elastic Compute Cloud', 'Amazon S3', 'Compute Engine', 'AmazonEC2', 'Bedrock'),
      serviceCategory: fc.constantFrom(null, 'Compute', 'Storage'),
      chargeCategory: fc.constantFrom('Usage', 'Usage', 'Tax'),
      resourceId: fc.constantFrom(null, 'i-1', 'i-2', 'bucket'),
      day: fc.constantFrom(DAY, DAY, '2026-11-02'),
    })
    .map(({ day, ...more }) =>
      charge({ ...more, chargeStart: `${day}T00:00:00.000Z`, chargeEnd: `${day}T12:00:00.000Z` }),
    );

  it('is what the rules say, for any charges', () =>
    fc.assert(
      fc.asyncProperty(fc.array(anyCharge, { minLength: 1, maxLength: 12 }), async (records) => {
        const rows = await settled(...records);
        const claims = records.map((record, i): Claim => ({
          ...record,
          day: record.chargeStart.slice(0, 10),
          instanceId: rows[i]!.instance_id,
        }));
        expect(rows.map((row) => row.superseded_by)).toEqual(claims.map((one) => supersededBy(one, claims)));
      }),
      { numRuns: 60 },
    ));

  it('lets a charge count again when the better one is gone, and touches nothing else', async () => {
    const rows = await settled(
      charge({ resourceId: 'i-1' }),
      charge({ origin: 'bill', resourceId: 'i-1', subAccountId: '1' }),
    );
    expect(rows.map((row) => [row.instance_id, row.superseded_by])).toEqual([
      [ids[0], 'bill'],
      [ids[0], null],
    ]);
    const again = await database.db.write(tenant.actor, async (tx) => {
      tx.withoutAudit('test');
      const first = await reconciliation.settle(tx, tenant.tenantId, DAY, DAY);
      await tx.rows(`DELETE FROM flotilla.costs WHERE origin = 'bill'`);
      return [first, await reconciliation.settle(tx, tenant.tenantId, DAY, DAY)];
    });
    expect(again).toEqual([
      { replaced: 0, restored: 0 },
      { replaced: 0, restored: 1 },
    ]);
  });
});
