import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { createTenant } from '../../../../test/support/fleet.js';
import { MaintenanceWindows } from '../maintenance-windows/index.js';
import { EventLog } from './index.js';

describe('events and maintenance windows for those who write them', () => {
  let database: TestDatabase;
  beforeAll(async () => (database = await createTestDatabase()));
  afterAll(() => database.close());

  it('writes an event with the change, or not at all', async () => {
    const { actor, tenantId } = await createTenant(database.db);
    const add = (fails: boolean) =>
      database.db.write(actor, async (tx) => {
        await tx.record('api_key.created', { type: 'api_key', id: 'k1' });
        const data = { key_id: 'k1', name: 'ci', actor: 'ada@example.com' };
        await EventLog.add(tx, {
          tenantId,
          type: 'api_key.created',
          subjectType: 'api_key',
          subjectId: 'k1',
          data,
          simulated: false,
        });
        if (fails) throw new Error('on purpose');
      });
    await expect(add(true)).rejects.toThrow('on purpose');
    await add(false);
    const rows = await database.db.read(actor, (tx) =>
      tx.rows('SELECT e.type, e.subject_type, e.subject_id, e.data, e.simulated, e.seq FROM flotilla.events e'),
    );
    expect(rows).toEqual([
      expect.objectContaining({
        type: 'api_key.created',
        subject_id: 'k1',
        data: expect.objectContaining({ name: 'ci' }),
        simulated: false,
        seq: null,
      }),
    ]);
  });

  it('knows which windows are open, and which of them keeps something back', async () => {
    const { actor, tenantId } = await createTenant(database.db);
    await database.db.write(actor, async (tx) => {
      tx.withoutAudit('a test');
      const add = (
        name: string,
        start: string,
        end: string,
        recurrence: string | null,
        scope: object,
        alerts: boolean,
      ) =>
        tx.rows(
          `INSERT INTO flotilla.maintenance_windows (tenant_id, name, start_time, end_time, recurrence, timezone, scope, suppress_alerts, suppress_enforcement, created_by)
           VALUES ($1, $2, $3, $4, $5, 'UTC', $6, $7, true, 'test')`,
          [tenantId, name, start, end, recurrence, JSON.stringify(scope), alerts],
        );
      await add('once', '2026-11-22T10:00:00Z', '2026-11-22T12:00:00Z', null, { all: true }, false);
      await add(
        'weekly',
        '2026-11-01T09:00:00Z',
        '2026-11-01T11:00:00Z',
        'FREQ=WEEKLY;BYDAY=SU',
        { tags: { env: 'prod' } },
        true,
      );
      await add('over', '2026-11-20T10:00:00Z', '2026-11-20T12:00:00Z', null, { all: true }, true);
    });
    const active = (at: string) =>
      database.db.read(actor, (tx) => MaintenanceWindows.active(tx, tenantId, Date.parse(at)));
    expect((await active('2026-11-22T10:30:00Z')).map((one) => one.name)).toEqual(['once', 'weekly']);
    expect((await active('2026-11-22T11:00:00Z')).map((one) => one.name)).toEqual(['once']);
    expect(await active('2026-11-22T12:00:00Z')).toEqual([]);
    const open = await active('2026-11-22T10:30:00Z');
    const production = { id: 1, tags: { env: 'prod' } };
    expect(MaintenanceWindows.suppressing(open, 'alerts', production)?.name).toBe('weekly');
    expect(MaintenanceWindows.suppressing(open, 'alerts', null)).toBeNull();
    expect(MaintenanceWindows.suppressing(open, 'enforcement', null)?.name).toBe('once');
  });
});
