import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemActor } from '@flotilla/persistence';
import { NotificationOutbox } from '../../apps/control-plane/src/notification-channels/index.js';
import { TenantSecrets } from '../../apps/control-plane/src/platform/index.js';
import { createTestDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';
import { eventually, FakeReceivers } from '../support/fake-receivers/index.js';
import { Program } from '../support/launcher.js';

const ALERTS = 60;
const KILLS = 3;

/** Two replicas send while one after the other is killed with kill -9: what is told twice is allowed, what is lost is not. */
describe('notifications, through crashes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-notifications-'));
  const masterKey = randomBytes(32);
  const running: Program[] = [];
  let database: TestDatabase;
  let receivers: FakeReceivers;

  beforeAll(async () => {
    database = await createTestDatabase();
    receivers = await FakeReceivers.start();
    writeFileSync(join(folder, 'master.key'), masterKey.toString('base64'), { mode: 0o600 });
  });
  afterAll(async () => {
    for (const program of running) program.kill('SIGKILL');
    await Promise.all(running.map((program) => program.ended));
    await receivers.close();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (): Promise<Program> => {
    const data = join(folder, `replica-${running.length}`);
    mkdirSync(data);
    const program = Program.run('apps/control-plane/dist/main.js', [], {
      FLOTILLA_DATA_DIR: data,
      FLOTILLA_DATABASE_URL: database.url,
      FLOTILLA_MASTER_KEY_FILE: join(folder, 'master.key'),
      FLOTILLA_HTTP_PORT: '0',
      FLOTILLA_GRPC_PORT: '0',
      FLOTILLA_OUTBOUND_ALLOW: '127.0.0.0/8',
    });
    running.push(program);
    await program.says(/Flotilla serves/);
    return program;
  };

  it('tells every alert from its trigger to its resolve', async () => {
    const tenantId = await database.db.system(async (tx) => {
      const row = await tx.row<{ tenant_id: string }>(
        `INSERT INTO flotilla.tenants (name) VALUES ('T') RETURNING tenant_id`,
      );
      return row!.tenant_id;
    });
    const actor = systemActor(tenantId, 'test');
    await database.db.write(actor, async (tx) => {
      tx.withoutAudit('test');
      const row = await tx.row<{ id: number }>(
        `INSERT INTO flotilla.notification_channels (tenant_id, name, channel_type, config, rate_per_minute, created_by)
         VALUES ($1, 'c', 'pagerduty', $2, 600, 'test') RETURNING id`,
        [tenantId, JSON.stringify({ routing_key: '********', api_url: receivers.url })],
      );
      const place = { tenantId, table: 'notification_channels', id: row!.id };
      const sealed = await new TenantSecrets({ masterKey }).seal(tx, place, JSON.stringify({ routing_key: 'key' }));
      await tx.rows('UPDATE flotilla.notification_channels SET sealed = $2 WHERE tenant_id = $1', [tenantId, sealed]);
    });
    receivers.always = { status: 202, body: '{}', afterMs: 150 }; // long enough to be killed in the middle of
    let one = await start();
    let other = await start();
    const outbox = new NotificationOutbox();
    const tell = (kind: 'trigger' | 'resolve', n: number) =>
      database.db.write(actor, (tx) => {
        tx.withoutAudit('test');
        return outbox.add(tx, {
          tenantId,
          kind,
          alertId: n,
          alertType: 'gpu_idle',
          severity: 'high',
          dedupKey: `alert:${n}`,
          title: `alert ${n}`,
          text: '',
          fields: [],
          link: null,
          channelIds: null,
          at: new Date(),
          simulated: false,
        });
      });
    for (let n = 0; n < ALERTS; n++) {
      await tell('trigger', n);
      await tell('resolve', n);
      if (n % (ALERTS / KILLS) !== ALERTS / KILLS - 1) continue;
      await eventually(
        () => receivers.said.some((said) => said.status === 0) || receivers.said.length >= n,
        'something on its way',
      );
      other.kill('SIGKILL');
      await other.ended;
      // its leases end: 45 s are not waited for here
      await database.db.system((tx) =>
        tx.rows(`UPDATE flotilla.notification_outbox SET lease_until = now() WHERE state = 'sending'`),
      );
      [one, other] = [await start(), one];
    }
    const left = () =>
      database.db.system((tx) =>
        tx.row<{ open: number; dead: number; again: number }>(
          `SELECT count(*) FILTER (WHERE state IN ('pending', 'sending'))::integer AS open,
                  count(*) FILTER (WHERE state = 'dead')::integer AS dead,
                  count(*) FILTER (WHERE attempts > 1)::integer AS again FROM flotilla.notification_outbox`,
        ),
      );
    await eventually(async () => (await left())!.open === 0, 'an empty outbox', 60_000);
    const told = receivers.taken.map((said) => said.body as { event_action: string; dedup_key: string });
    const { dead, again } = (await left())!;
    expect(dead).toBe(0);
    for (let n = 0; n < ALERTS; n++) {
      const of = told
        .filter((event) => event.dedup_key === `flotilla/${tenantId}/alert:${n}`)
        .map((event) => event.event_action);
      expect(of[0]).toBe('trigger'); // none lost, and none before its time
      expect(of.at(-1)).toBe('resolve');
    }
    expect(told.length).toBeGreaterThanOrEqual(2 * ALERTS);
    // the kills have bitten, or this shows nothing
    expect(again).toBeGreaterThan(0);
    expect(told.length).toBeLessThanOrEqual(2 * ALERTS + again * KILLS);
  }, 240_000);
});
