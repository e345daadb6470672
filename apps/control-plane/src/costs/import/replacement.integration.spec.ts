import { startTestApp } from '../../../../../test/support/app.js';
import type { TestApp } from '../../../../../test/support/app.js';

const HEADER =
  'BilledCost,BillingCurrency,BillingAccountId,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ProviderName,ServiceName,ServiceCategory,ResourceId';

interface Charge {
  readonly amount: string;
  readonly day?: string;
  readonly resource?: string;
  readonly account?: string;
  readonly period?: string;
  readonly kind?: string;
}

/** A charge of October, unless it says otherwise. */
const row = ({
  amount,
  day = '01',
  resource = 'i-1',
  account = '1',
  period = '2026-10-01',
  kind = 'Compute',
}: Charge) =>
  `${amount},USD,${account},${period},2026-11-01,2026-10-${day} 00:00:00,2026-10-${day} 01:00:00,Usage,AWS,Amazon EC2,${kind},${resource}`;

describe('POST /costs/import?mode=replace', () => {
  let app: TestApp;
  let tenant: string;
  let admin: string;

  beforeAll(async () => (app = await startTestApp()));
  afterAll(() => app.close());
  beforeEach(async () => {
    tenant = await app.newTenant();
    admin = await app.apiKey('admin', tenant);
  });

  const send = async (charges: readonly (Charge | string)[], query = '?mode=replace') => {
    const answer = await fetch(`${app.url}/api/costs/import${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'text/csv' },
      body: [HEADER, ...charges.map((charge) => (typeof charge === 'string' ? charge : row(charge)))].join('\n'),
    });
    return (await answer.json()) as { data: Record<string, unknown>; error?: string };
  };
  const ledger = async () =>
    (
      await app.db.system((tx) =>
        tx.rows<{ text: string }>(
          `SELECT concat_ws(' ', c.billing_account_id, c.charge_day, c.resource_id, c.billed_cost) AS text
             FROM flotilla.costs c WHERE c.tenant_id = $1 AND c.origin = 'bill' ORDER BY 1`,
          [tenant],
        ),
      )
    ).map(({ text }) => text);

  const DELIVERED: Charge[] = [
    { amount: '10', resource: 'i-1' },
    { amount: '20', resource: 'i-2' },
    { amount: '30', day: '02', resource: 'i-1' },
    { amount: '5', account: '2' },
    { amount: '7', period: '2026-09-01', day: '01' },
  ];

  it('takes out what the bill does not have any more, of that bill alone', async () => {
    await send(DELIVERED, '');
    const corrected = [
      { amount: '10', resource: 'i-1' },
      { amount: '21', resource: 'i-2' },
      // named otherwise: another charge
      { amount: '30', day: '02', resource: 'arn:aws:ec2:::instance/i-1' },
    ];
    const dry = await send(corrected, '?mode=replace&dry_run=true');
    const changes = {
      mode: 'replace',
      accepted: 1,
      updated: 1,
      duplicates: 1,
      removed: 1,
      bills: [
        {
          cloud_provider: 'aws',
          billing_account_id: '1',
          period_start: '2026-10-01',
          currency: 'USD',
          charges_before: 3,
          // 10 + 20 + 30, and 10 + 21 + 30
          billed_before: 60,
          charges_after: 3,
          billed_after: 61,
        },
      ],
    };
    expect(dry.data).toMatchObject({ ...changes, id: null, dry_run: true });
    expect(await ledger()).toHaveLength(5);
    expect((await send(corrected)).data).toMatchObject({ ...changes, first_day: '2026-10-01', last_day: '2026-10-02' });
    expect(await ledger()).toEqual([
      '1 2026-10-01 i-1 10',
      '1 2026-10-01 i-1 7',
      '1 2026-10-01 i-2 21',
      '1 2026-10-02 arn:aws:ec2:::instance/i-1 30',
      '2 2026-10-01 i-1 5',
    ]);
    expect((await send(corrected)).data).toMatchObject({ accepted: 0, updated: 0, duplicates: 3, removed: 0 });
    const list = (await app.call('GET', '/api/costs/imports', { as: admin })).body as { data: object[] };
    expect(list.data.slice(0, 2)).toMatchObject([
      { mode: 'replace', removed: 0 },
      { mode: 'replace', removed: 1 },
    ]);
  });

  it('lets what was metered count again where the bill has no machine any more', async () => {
    const storage = { amount: '1', day: '02', resource: 'vol-1', kind: 'Storage' };
    await send([storage, { amount: '3', day: '02' }], '');
    await app.db.system((tx) =>
      tx.rows(
        `INSERT INTO flotilla.costs (tenant_id, origin, source, record_key, content_digest, charge_start, charge_end, charge_day,
           provider, service, service_category, billed_cost, effective_cost, currency, superseded_by)
         VALUES ($1, 'metered', 'metering', sha256('k'), sha256('c'), '2026-10-02', '2026-10-03', '2026-10-02', 'aws', 'Amazon EC2',
           'Compute', 48, 48, 'USD', 'bill')`,
        [tenant],
      ),
    );
    const counted = async () =>
      (await app.db.system((tx) =>
        tx.row<{ sum: string }>(
          `SELECT sum(c.billed_cost)::text AS sum FROM flotilla.costs c WHERE c.tenant_id = $1 AND c.superseded_by IS NULL`,
          [tenant],
        ),
      ))!.sum;
    expect(await counted()).toBe('4');
    expect((await send([storage, { amount: '3', day: '01' }])).data).toMatchObject({ accepted: 1, removed: 1 });
    // 1 + 3 + 48: the machine of the second is in no bill now
    expect(await counted()).toBe('52');
  });

  it.each<[string, (Charge | string)[], string]>([
    ['lacks a day that is known', DELIVERED.slice(0, 2), 'usage of 1 more day (2026-10-02)'],
    ['has a row that is not right', [...DELIVERED, row({ amount: 'x' })], 'line 7'],
    ['names no billing period', [...DELIVERED, row({ amount: '1', period: '' })], 'has no BillingPeriodStart'],
  ])('refuses a file that %s, and changes nothing', async (_, charges, words) => {
    await send(DELIVERED, '');
    const before = await ledger();
    expect((await send(charges)).error).toContain(words);
    expect(await ledger()).toEqual(before);
    expect((await app.call('GET', '/api/costs/imports', { as: admin })).body).toMatchObject({
      data: [{ mode: 'merge' }],
    });
  });

  it('refuses one part of several, unless it is said that the bill became shorter', async () => {
    const whole = Array.from({ length: 20 }, (_, n) => ({ amount: '1', resource: `i-${n}` }));
    await send(whole, '');
    const part = whole.slice(0, 15);
    expect((await send(part)).error).toContain('20 charges in the ledger and 15 in the file');
    expect((await send(part, '?mode=replace&shrink=true')).data).toMatchObject({ removed: 5, duplicates: 15 });
    expect(await ledger()).toHaveLength(15);
    // a correction of a few
    expect((await send(part.slice(0, 14))).data).toMatchObject({ removed: 1 });
  });
});
