import { systemActor } from '@flotilla/persistence';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { Notice } from './index.js';
import { NotificationOutbox } from './index.js';

describe('what the outbox takes', () => {
  let database: TestDatabase;
  let tenantId: string;
  const outbox = new NotificationOutbox();

  beforeAll(async () => {
    database = await createTestDatabase();
    const row = await database.db.system((tx) =>
      tx.row<{ tenant_id: string }>(`INSERT INTO flotilla.tenants (name) VALUES ('T') RETURNING tenant_id`),
    );
    tenantId = row!.tenant_id;
  });
  afterAll(() => database.close());
  beforeEach(() => database.db.system((tx) => tx.rows('DELETE FROM flotilla.notification_channels')));

  const notice = (more: Partial<Notice> = {}): Notice => ({
    tenantId,
    kind: 'trigger',
    alertId: 1,
    alertType: 'gpu_idle',
    severity: 'high',
    dedupKey: 'alert:1',
    title: 'gpu-node-1 is idle',
    text: 'Idle for 45 minutes.',
    fields: [['GPU utilisation', '0 %']],
    link: '/alerts/1',
    channelIds: null,
    at: new Date('2026-11-22T10:00:00Z'),
    simulated: false,
    ...more,
  });
  const channel = async (columns: Record<string, unknown> = {}) => {
    const row = await database.db.system((tx) =>
      tx.row<{ id: number }>(
        `INSERT INTO flotilla.notification_channels (tenant_id, name, channel_type, config, enabled, alert_types, min_priority, digest_mode, digest_interval_minutes, created_by)
         SELECT $1, 'c' || random(), coalesce(r.channel_type, 'slack'), '{}', coalesce(r.enabled, true), coalesce(r.alert_types, '{}'),
                coalesce(r.min_priority, 'low'), r.digest_mode, r.digest_interval_minutes, 'test'
           FROM jsonb_to_record($2::jsonb) AS r(channel_type text, enabled boolean, alert_types text[], min_priority text, digest_mode text, digest_interval_minutes integer)
         RETURNING id`,
        [tenantId, JSON.stringify(columns)],
      ),
    );
    return row!.id;
  };
  const add = (...notices: Notice[]) =>
    database.db.write(systemActor(tenantId, 'test'), (tx) => {
      tx.withoutAudit('test');
      return outbox.addAll(tx, notices);
    });
  const kept = () =>
    database.db.system((tx) =>
      tx.rows<{ channel_id: number; kind: string; state: string; due_in: number }>(
        `SELECT channel_id, kind, state, round(extract(epoch FROM due_at - created_at))::integer AS due_in FROM flotilla.notification_outbox ORDER BY id`,
      ),
    );

  it('goes to the channels whose types and priority fit', async () => {
    const all = await channel();
    const types = await channel({ alert_types: ['gpu_idle', 'other'] });
    await channel({ alert_types: ['budget_exceeded'] });
    await channel({ min_priority: 'critical' });
    await channel({ enabled: false });
    expect(await add(notice())).toBe(2);
    expect((await kept()).map((row) => row.channel_id)).toEqual([all, types]);
  });

  it('goes to named channels whatever they ask for, and to no other', async () => {
    await channel();
    const named = await channel({ min_priority: 'critical', alert_types: ['other'] });
    const off = await channel({ enabled: false });
    expect(await add(notice({ channelIds: [named, off] }))).toBe(1);
    expect(await add(notice({ channelIds: [] }))).toBe(0);
    expect((await kept()).map((row) => row.channel_id)).toEqual([named]);
  });

  it('tells what follows to whoever was told before, also within one batch', async () => {
    const first = await channel();
    const second = await channel({ min_priority: 'critical' });
    const resolve = notice({ kind: 'resolve', severity: 'low' });
    expect(await add(notice(), notice({ kind: 'escalate', channelIds: [second] }), resolve)).toBe(4);
    expect((await kept()).map((row) => [row.channel_id, row.kind])).toEqual([
      [first, 'trigger'],
      [second, 'escalate'],
      [first, 'resolve'],
      [second, 'resolve'],
    ]);
    expect(await add(notice({ kind: 'resolve', dedupKey: 'alert:2' }))).toBe(0);
  });

  it('lets batched channels wait for one digest, and incident tools never', async () => {
    await channel({ digest_mode: 'batched', digest_interval_minutes: 10 });
    await channel({ channel_type: 'pagerduty', digest_mode: 'batched', digest_interval_minutes: 10 });
    await add(notice());
    await add(notice({ dedupKey: 'alert:2' }));
    const rows = await kept();
    expect(rows.map((row) => row.state)).toEqual(['waiting', 'pending', 'waiting', 'pending']);
    expect(rows[0]!.due_in).toBe(600);
    // due with the first, not ten minutes after the second
    expect(rows[2]!.due_in).toBeLessThanOrEqual(600);
  });

  it('is undone with the transaction that it is part of', async () => {
    await channel();
    const failing = database.db.write(systemActor(tenantId, 'test'), async (tx) => {
      await outbox.add(tx, notice());
      throw new Error('undone');
    });
    await expect(failing).rejects.toThrow('undone');
    expect(await kept()).toEqual([]);
  });
});
