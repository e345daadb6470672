import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { costRecord } from '@flotilla/domain';
import { systemActor } from '@flotilla/persistence';
import { startTestApp } from '../../../../test/support/app.js';
import { testData } from '../../../../test/support/nvidia-smi-replay/index.js';
import type { TestApp } from '../../../../test/support/app.js';
import { CostLedger } from './index.js';

const DATA = testData();
const SAMPLE = join(DATA, 'focus', 'focus_sample.csv');

describe('charges that leave in FOCUS and come back', () => {
  let app: TestApp;
  let admin: string;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await app.login('admin');
  });
  afterAll(() => app.close());
  beforeEach(() => app.db.system((tx) => tx.rows('DELETE FROM flotilla.costs')));

  const importAs = async (as: string, body: string) => {
    const answer = await fetch(`${app.url}/api/costs/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${as}`, 'content-type': 'text/csv' },
      body,
    });
    return ((await answer.json()) as { data: Record<string, number> }).data;
  };
  const exported = async () => {
    const path = `${app.url}/api/exports/costs?format=focus&start_date=2024-01-01&end_date=2026-11-30`;
    const answer = await fetch(path, { headers: { authorization: `Bearer ${admin}` } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toContain('.focus.csv"');
    return answer.text();
  };
  /** Everything that FOCUS has a word for, in an order of its own. */
  const rows = (tenantId: string) =>
    app.db.system((tx) =>
      tx.rows(
        `SELECT c.charge_start, c.charge_end, c.billing_period_start, c.provider, c.provider_name, c.billing_account_id,
                c.sub_account_id, c.service, c.region, c.resource_id, c.charge_category, c.charge_class, c.sku_price_id,
                c.pricing_quantity::text, c.consumed_quantity::text, c.billed_cost::text, c.effective_cost::text,
                c.list_cost::text, c.contracted_cost::text, c.currency, c.tags, c.focus ->> 'RegionName' AS region_name
           FROM flotilla.costs c WHERE c.tenant_id = $1
          ORDER BY c.charge_start, c.resource_id, c.sku_price_id, c.billed_cost, c.consumed_quantity, c.sub_account_id, c.record_key`,
        [tenantId],
      ),
    );
  const sums = (tenantId: string) =>
    app.db.system((tx) =>
      tx.row(
        `SELECT count(*) AS n, sum(c.billed_cost)::text AS billed, sum(c.effective_cost)::text AS effective, sum(c.list_cost)::text AS list
           FROM flotilla.costs c WHERE c.tenant_id = $1`,
        [tenantId],
      ),
    );

  it('are the same charges, whatever is in their texts', async () => {
    const charge = {
      origin: 'reported',
      source: 'sync',
      chargeStart: '2026-10-01T00:00:00.000Z',
      chargeEnd: '2026-10-02T00:00:00.000Z',
      provider: 'openai',
      service: 'GPT, "the" model\nof lines',
      billedCost: '0.000000000000000000123',
      currency: 'EUR',
    } as const;
    await app.db.write(systemActor(app.tenantId, 'test'), (tx) => {
      tx.withoutAudit('test');
      return new CostLedger().store(tx, { tenantId: app.tenantId }, [
        costRecord({ ...charge, recordId: '1', tags: { team: '=1+1', 'a "b"': 'ü, ö' } }),
        // alike in all that FOCUS knows: both are owed
        costRecord({ ...charge, recordId: '2', resourceId: '=cmd|calc', billedCost: '7' }),
        costRecord({ ...charge, recordId: '3', resourceId: '=cmd|calc', billedCost: '7' }),
        costRecord({ ...charge, recordId: '4', billedCost: '-12.50', chargeCategory: 'Credit' }),
      ]);
    });
    const text = await exported();
    expect(text.split('\r\n')[0]).toMatch(/^AvailabilityZone,BilledCost,BillingAccountId,.*,Tags,x_FlotillaOrigin,/);
    const other = await app.newTenant();
    expect(await importAs(await app.login('admin', other), text)).toMatchObject({ accepted: 4, rejected: 0 });
    const named = (list: Record<string, unknown>[]) => list.map((row) => ({ ...row, provider_name: null }));
    expect(named(await rows(other))).toEqual(named(await rows(app.tenantId)));
    expect(await sums(other)).toEqual(await sums(app.tenantId));
  });

  (existsSync(SAMPLE) ? it : it.skip)(
    "are the same for the FinOps Foundation's sample, to the last digit",
    async () => {
      await importAs(admin, readFileSync(SAMPLE, 'utf8'));
      const text = await exported();
      const other = await app.newTenant();
      expect(await importAs(await app.login('admin', other), text)).toMatchObject({ accepted: 1000, rejected: 0 });
      expect(await sums(other)).toEqual(await sums(app.tenantId));
      expect(await rows(other)).toEqual(await rows(app.tenantId));
    },
  );
});
