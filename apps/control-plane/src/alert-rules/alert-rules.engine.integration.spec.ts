import type { MetricName } from '@flotilla/domain';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { aDecider, storeRule } from '../../../../test/support/decisions.js';
import type { Decider } from '../../../../test/support/decisions.js';
import { createTenant } from '../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../test/support/fleet.js';
import { aMinute, createDevice, minuteAgo } from '../../../../test/support/telemetry.js';
import { LiveStore, MetricsIngest } from '../metrics/index.js';

let database: TestDatabase;
let ingest: MetricsIngest;
let tenant: TestTenant;
let agentId: string;
let decider: Decider;
/** Unix minute of the first minute of a test's story. */
let first: number;

beforeAll(async () => {
  database = await createTestDatabase();
  ingest = new MetricsIngest(database.db, new LiveStore(database.db));
});
afterAll(() => database.close());
beforeEach(async () => {
  tenant = await createTenant(database.db);
  ({ agentId } = await tenant.agent());
  await system(
    `INSERT INTO flotilla.notification_channels (tenant_id, name, channel_type, config, min_priority, created_by) VALUES ($1, 'c', 'slack', '{}', 'low', 'test')`,
    [tenant.tenantId],
  );
  first = minuteAgo(120) / 60;
  await restart();
});

const system = <Row extends Record<string, unknown>>(sql: string, values: unknown[] = []) =>
  database.db.system((tx) => tx.rows<Row>(sql, values));

async function restart(): Promise<void> {
  decider = aDecider(database.db);
  await decider.take(tenant.tenantId);
}

const rule = (columns: Record<string, unknown> = {}) => storeRule(database.db, tenant.tenantId, columns);

async function gpus(count = 1, columns: Record<string, unknown> = {}): Promise<{ id: number; devices: number[] }> {
  const id = await tenant.instance();
  for (const [name, value] of Object.entries(columns)) {
    await system(`UPDATE flotilla.instances SET ${name} = $2 WHERE id = $1`, [id, value]);
  }
  const devices: number[] = [];
  for (let gpuIndex = 0; gpuIndex < count; gpuIndex++) {
    devices.push(await createDevice(database.db, tenant.tenantId, id, { gpuIndex }));
  }
  return { id, devices };
}

/** Stores a value a minute from `from` on; null: nothing. */
async function report(
  deviceId: number,
  values: readonly (number | null)[],
  metric: MetricName = 'temperature',
  from = 0,
) {
  const minutes = values.flatMap((value, m) =>
    value === null
      ? []
      : [{ deviceId, minute: aMinute((first + from + m) * 60, { [metric]: value }, { seconds: [0, 30] }) }],
  );
  await ingest.storeSamples(tenant.tenantId, agentId, minutes);
}

async function decide(from: number, to: number): Promise<void> {
  for (let m = from; m <= to; m++) await decider.rounds.decide(tenant.tenantId, first + m);
}

interface Shown extends Record<string, unknown> {
  readonly id: number;
  readonly subject_id: string;
  readonly status: string;
  readonly occurrences: number;
  readonly fired: number;
  readonly ended: number | null;
  readonly evidence: Record<string, unknown>;
  readonly message: string;
}

/** Alerts, with the minutes of the story that they fired for the first time and ended at. */
const alerts = () =>
  system<Shown>(
    `SELECT a.id, a.subject_id, a.status, a.occurrences, a.evidence, a.message,
            (extract(epoch FROM a.first_fired_at) / 60)::integer - 1 - $2 AS fired,
            (extract(epoch FROM a.ended_at) / 60)::integer - 1 - $2 AS ended
       FROM flotilla.alerts a WHERE a.tenant_id = $1 ORDER BY a.id`,
    [tenant.tenantId, first],
  );
const told = async () =>
  (
    await system<{ kind: string }>(
      'SELECT o.kind FROM flotilla.notification_outbox o WHERE o.tenant_id = $1 ORDER BY o.id',
      [tenant.tenantId],
    )
  ).map(({ kind }) => kind);

describe('alert rules over minutes', () => {
  it('fire when the condition has held for the duration on data, and are over below the recovery threshold', async () => {
    await rule({ recovery_threshold: 80, duration_minutes: 3 });
    const { id, devices } = await gpus(2);
    await report(devices[0]!, [90, 90, null, 90, 90, 93, 82, 81, 79, 79]);
    await report(devices[1]!, [50, 50, 50, 50, 50, 50, 50, 50, 50, 50]);
    await decide(0, 4);
    // the gap at minute 2 began it anew
    expect(await alerts()).toEqual([]);
    await decide(5, 5);
    const [alert] = await alerts();
    expect(alert).toMatchObject({ subject_id: String(id), status: 'active', fired: 5, ended: null, occurrences: 1 });
    expect(alert!.message).toMatch(/^GPU 0 of .*: temperature is 93 °C, above 85 °C for 3 minutes\.$/);
    expect(alert!.evidence).toMatchObject({
      value: 93,
      threshold: 85,
      across_gpus: 'any',
      gpus: [{ value: 93 }, { value: 50 }],
    });
    // below the threshold but not below the recovery threshold
    await decide(6, 7);
    expect((await alerts())[0]).toMatchObject({ status: 'active', occurrences: 1 });
    await decide(8, 9);
    expect((await alerts())[0]).toMatchObject({ status: 'resolved', ended: 8 });
    expect(await told()).toEqual(['trigger', 'resolve']);
  });

  it('go on through a restart in the middle of the duration, and do not fire twice', async () => {
    await rule({ duration_minutes: 10 });
    const { devices } = await gpus();
    await report(devices[0]!, Array<number>(20).fill(90));
    await decide(0, 5);
    await restart();
    await decide(6, 8);
    expect(await alerts()).toEqual([]);
    await restart();
    await decide(9, 12);
    await restart();
    await decide(13, 15);
    expect(await alerts()).toMatchObject([{ fired: 9, status: 'active', occurrences: 1 }]);
    expect(await told()).toEqual(['trigger']);
  });

  it('tell once of what flaps within the cooldown', async () => {
    await rule({ duration_minutes: 1, cooldown_minutes: 60 });
    const { devices } = await gpus();
    await report(devices[0]!, [90, 70, 90, 70, 90, 70, 90, 70]);
    await decide(0, 7);
    expect(await alerts()).toMatchObject([{ fired: 0, status: 'resolved', occurrences: 4 }]);
    expect(await told()).toEqual(['trigger', 'resolve']);
  });

  it('keep firing for as long as they are told to', async () => {
    await rule({ duration_minutes: 1, keep_firing_minutes: 3 });
    const { devices } = await gpus();
    await report(devices[0]!, [90, 70, 90, 70, 70, 70, 70]);
    await decide(0, 4);
    expect(await alerts()).toMatchObject([{ status: 'active', occurrences: 1 }]);
    await decide(5, 6);
    expect(await alerts()).toMatchObject([{ status: 'resolved', ended: 5 }]);
  });

  it('never take silence for a low value nor for a recovery', async () => {
    await rule({ metric: 'gpu_utilization', operator: 'lt', threshold: 5, duration_minutes: 3 });
    const { devices } = await gpus(2);
    await report(devices[0]!, [0, 0, 0, 0, 0, null, null, 60], 'gpu_utilization');
    await report(devices[1]!, [0, 0, null, 0, 0, 0, null, 60], 'gpu_utilization');
    await decide(0, 5);
    expect(await alerts()).toEqual([]);
    await report(devices[0]!, [1, 1, 1], 'gpu_utilization', 8);
    await report(devices[1]!, [1, 1, 1], 'gpu_utilization', 8);
    await decide(6, 13);
    expect(await alerts()).toMatchObject([{ fired: 10, status: 'active', ended: null }]);
  });

  it('count minutes that come late', async () => {
    await rule({ duration_minutes: 4 });
    const { devices } = await gpus();
    await report(devices[0]!, [90, 90, null, null, 90, 90]);
    await decide(0, 3);
    await report(devices[0]!, [90, 90], 'temperature', 2);
    await decide(4, 4);
    expect(await alerts()).toMatchObject([{ fired: 4 }]);
  });

  it('look at the instances of their scope only, and end where these are off, gone or of another scope', async () => {
    const tagged = await gpus(1, { tags: { environment: 'production' } });
    const other = await gpus(1, { tags: { environment: 'test' } });
    const third = await gpus(1, { tags: { environment: 'production' } });
    await rule({
      duration_minutes: 1,
      scope: 'tagged',
      scope_filter: { tag_key: 'environment', tag_value: 'production' },
    });
    await rule({ duration_minutes: 1, scope: 'specific_instance', scope_filter: { instance_ids: [other.id] } });
    for (const { devices } of [tagged, other, third]) await report(devices[0]!, [90, 90, 90]);
    await decide(0, 0);
    const open = async () =>
      (await alerts()).filter((one) => one.status === 'active').map((one) => Number(one.subject_id));
    expect((await open()).sort((a, b) => a - b)).toEqual([tagged.id, other.id, third.id]);
    await system(`UPDATE flotilla.instances SET state = 'stopped' WHERE id = $1`, [other.id]);
    await system(`UPDATE flotilla.instances SET tags = '{}' WHERE id = $1`, [third.id]);
    await decide(1, 1);
    // the one that is off still has data of this very minute
    expect((await open()).sort((a, b) => a - b)).toEqual([tagged.id, other.id]);
    await system(`UPDATE flotilla.instances SET state = 'terminated' WHERE id = $1`, [tagged.id]);
    await decide(3, 3);
    expect(await open()).toEqual([]);
  });

  it('know what an instance costs an hour and has cost since midnight, also where nothing is collected', async () => {
    await rule({
      metric: 'hourly_cost',
      operator: 'gte',
      threshold: 30,
      duration_minutes: 5,
      alert_type: 'cost_threshold',
    });
    await rule({ metric: 'days_remaining_in_month', operator: 'gte', threshold: 0, duration_minutes: 1 });
    const { id } = await gpus(1, { hourly_cost: 32.77 });
    const cheap = await gpus(1, { hourly_cost: 1 });
    await system(
      `UPDATE flotilla.instance_spans SET since = now() - interval '3 hours' WHERE tenant_id = $1 AND instance_id = ANY ($2)`,
      [tenant.tenantId, [id, cheap.id]],
    );
    await restart();
    await decide(10, 12);
    expect(await alerts()).toMatchObject([
      { subject_id: 'tenant', message: expect.stringContaining('the whole tenant: days left in the month') },
      { subject_id: String(id), evidence: { value: 32.77, currency: 'USD' }, fired: 10 },
    ]);
  });

  it('tell of many subjects at once, and that it is over when the last one is', async () => {
    await rule({ duration_minutes: 1 });
    const fleet = await Promise.all(Array.from({ length: 30 }, () => gpus()));
    for (const [i, { devices }] of fleet.entries()) await report(devices[0]!, [90, i < 29 ? 60 : 90, 60]);
    await decide(0, 0);
    expect(await alerts()).toHaveLength(30);
    const [notice] = await system<{ title: string; body: string }>(
      'SELECT o.title, o.body FROM flotilla.notification_outbox o WHERE o.tenant_id = $1',
      [tenant.tenantId],
    );
    expect(notice!.title).toContain(': 30 alerts');
    expect(notice!.body).toContain('and 10 more');
    await decide(1, 1);
    expect(await told()).toEqual(['trigger']);
    await decide(2, 2);
    expect(await told()).toEqual(['trigger', 'resolve']);
  });

  it('are decided by one of two replicas, which takes over from one that died', async () => {
    await rule({ duration_minutes: 1 });
    const { devices } = await gpus();
    const [one, other] = [aDecider(database.db), aDecider(database.db)];
    await system('DELETE FROM flotilla.decision_rounds');
    const newest = minuteAgo(1) / 60 - first;
    await report(devices[0]!, Array<number>(newest + 1).fill(90));
    await Promise.all([one.rounds.look(), other.rounds.look(), one.rounds.look(), other.rounds.look()]);
    expect(await alerts()).toHaveLength(1);
    expect(await told()).toEqual(['trigger']);
    const [{ holder }] = (await system<{ holder: string }>(
      'SELECT r.holder FROM flotilla.decision_rounds r WHERE r.tenant_id = $1',
      [tenant.tenantId],
    )) as [{ holder: string }];
    const [held, free] = holder === one.replicaId ? [one, other] : [other, one];
    await system(
      `UPDATE flotilla.decision_rounds SET leased_until = now() - interval '1 second', decided_through = decided_through - 2`,
    );
    await free.rounds.look();
    expect(await held.rounds.decide(tenant.tenantId, first + newest)).toBe(true);
    expect(
      (
        await system('SELECT 1 FROM flotilla.decision_rounds r WHERE r.holder = $1 AND r.tenant_id = $2', [
          free.replicaId,
          tenant.tenantId,
        ])
      ).length,
    ).toBe(1);
    expect(await alerts()).toHaveLength(1);
    expect(await told()).toEqual(['trigger']);
  });
});
