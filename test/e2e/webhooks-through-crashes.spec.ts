import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemActor } from '@flotilla/persistence';
import { EventLog } from '../../apps/control-plane/src/events/index.js';
import { TenantSecrets } from '../../apps/control-plane/src/platform/index.js';
import { createTestDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';
import { eventually } from '../support/fake-receivers/index.js';
import { FakeWebhookReceiver, verifiedByStandard } from '../support/fake-webhook-receiver.js';
import { Program } from '../support/launcher.js';

const EVENTS = 60;
const KILLS = 2;
const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

/** Two replicas deliver while one after the other is killed with kill -9: what comes twice has the same id, and nothing is lost. */
describe('webhooks, through crashes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-webhooks-'));
  const masterKey = randomBytes(32);
  const running: Program[] = [];
  let database: TestDatabase;
  let receiver: FakeWebhookReceiver;

  beforeAll(async () => {
    database = await createTestDatabase();
    receiver = await FakeWebhookReceiver.start();
    writeFileSync(join(folder, 'master.key'), masterKey.toString('base64'), { mode: 0o600 });
  });
  afterAll(async () => {
    for (const program of running) program.kill('SIGKILL');
    await Promise.all(running.map((program) => program.ended));
    await receiver.close();
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
  const sql = <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
    database.db.system((tx) => tx.rows<Row>(text, values));

  it('deliver every event at least once, under its own id', async () => {
    const [tenant] = await sql<{ tenant_id: string }>(
      `INSERT INTO flotilla.tenants (name) VALUES ('T') RETURNING tenant_id`,
    );
    const tenantId = tenant!.tenant_id;
    const actor = systemActor(tenantId, 'test');
    await database.db.write(actor, async (tx) => {
      tx.withoutAudit('test');
      const row = await tx.row<{ id: number }>(
        `INSERT INTO flotilla.webhooks (tenant_id, url, event_types, secret_sealed, cursor, created_by)
         VALUES ($1, $2, '{api_key.created}', '\\x00', 0, 'test') RETURNING id`,
        [tenantId, receiver.url('/hook')],
      );
      const place = { tenantId, table: 'webhooks', id: row!.id };
      const sealed = await new TenantSecrets({ masterKey }).seal(tx, place, SECRET);
      await tx.rows('UPDATE flotilla.webhooks SET secret_sealed = $2 WHERE tenant_id = $1', [tenantId, sealed]);
    });
    // long enough to be killed in the middle of
    receiver.answerWith('/hook', (response) => setTimeout(() => response.writeHead(200).end('ok'), 150));
    let one = await start();
    let other = await start();
    const batch = EVENTS / KILLS;
    for (let kill = 0; kill < KILLS; kill++) {
      await database.db.write(actor, async (tx) => {
        tx.withoutAudit('test');
        for (let n = kill * batch; n < (kill + 1) * batch; n++) {
          const data = { key_id: `k${n}`, name: `k${n}`, actor: 'ada@example.com' };
          const subject = { subjectType: 'api_key', subjectId: `k${n}` };
          await EventLog.add(tx, { tenantId, type: 'api_key.created', ...subject, data, simulated: false });
        }
      });
      const before = receiver.received.length;
      await eventually(() => receiver.received.length > before + 2, 'deliveries on their way', 30_000);
      // the replica that is at it, as its leases say nothing of who: one after the other
      other.kill('SIGKILL');
      await other.ended;
      one.kill('SIGKILL');
      await one.ended;
      // the leases of the dead end: a minute is not waited for here
      await sql(`UPDATE flotilla.webhook_deliveries SET leased_until = now() WHERE leased_until IS NOT NULL`);
      [one, other] = [await start(), await start()];
    }
    const open = async () =>
      (await sql(`SELECT FROM flotilla.webhook_deliveries d WHERE d.status = 'pending'`)).length +
      EVENTS -
      (await sql('SELECT FROM flotilla.webhook_deliveries')).length;
    await eventually(async () => (await open()) === 0, 'everything delivered', 90_000);
    const ids = new Map<string, Set<string>>();
    for (const received of receiver.received) {
      const event = verifiedByStandard(received, SECRET) as { id: string; data: { name: string } };
      expect(received.headers['webhook-id']).toBe(event.id);
      ids.set(event.data.name, (ids.get(event.data.name) ?? new Set()).add(event.id));
    }
    // none lost, and who keeps the ids sees each once
    expect([...ids.keys()].sort()).toEqual(Array.from({ length: EVENTS }, (_, n) => `k${n}`).sort());
    for (const own of ids.values()) expect(own.size).toBe(1);
    const [counted] = await sql<{ failed: number; again: number }>(
      `SELECT count(*) FILTER (WHERE d.status = 'failed')::integer AS failed, count(*) FILTER (WHERE d.attempts > 1)::integer AS again
         FROM flotilla.webhook_deliveries d`,
    );
    expect(counted!.failed).toBe(0);
    // the kills have bitten, or this shows nothing
    expect(counted!.again + receiver.received.length - EVENTS).toBeGreaterThan(0);
  }, 240_000);
});
