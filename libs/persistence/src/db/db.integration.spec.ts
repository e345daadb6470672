import { MissingAuditError, systemActor } from '../index.js';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';

describe('Db', () => {
  let database: TestDatabase;
  let tenantA: string;
  let tenantB: string;

  const newTenant = (name: string) =>
    database.db.system(async (tx) => {
      const row = await tx.row<{ tenant_id: string }>(
        'INSERT INTO flotilla.tenants (name) VALUES ($1) RETURNING tenant_id',
        [name],
      );
      return row?.tenant_id ?? '';
    });

  beforeAll(async () => {
    database = await createTestDatabase();
    tenantA = await newTenant('A');
    tenantB = await newTenant('B');
  });
  afterAll(() => database.close());

  it('shows a tenant its own rows only, and none without a tenant', async () => {
    const names = (tenantId: string) =>
      database.db.read({ tenantId }, async (tx) =>
        (await tx.rows<{ name: string }>('SELECT t.name FROM flotilla.tenants t')).map((row) => row.name),
      );
    expect(await names(tenantA)).toEqual(['A']);
    expect(await names(tenantB)).toEqual(['B']);
    expect(await names('')).toEqual([]);
  });

  it('commits a command together with its audit record, and calls afterCommit then', async () => {
    const order: string[] = [];
    await database.db.write(systemActor(tenantA, 'test'), async (tx) => {
      tx.afterCommit(() => void order.push('after'));
      await tx.rows('UPDATE flotilla.tenants t SET timezone = $1', ['Europe/Berlin']);
      await tx.record('tenant.changed', { type: 'tenant', id: tenantA }, { timezone: 'Europe/Berlin' });
      order.push('work');
    });
    expect(order).toEqual(['work', 'after']);
    const found = await database.db.read({ tenantId: tenantA }, (tx) =>
      tx.row(
        'SELECT t.timezone, l.event_type, l.actor_label, l.details FROM flotilla.tenants t JOIN flotilla.audit_log l USING (tenant_id)',
      ),
    );
    expect(found).toEqual({
      timezone: 'Europe/Berlin',
      event_type: 'tenant.changed',
      actor_label: 'test',
      details: { timezone: 'Europe/Berlin' },
    });
  });

  it('rolls back a command that recorded nothing', async () => {
    const command = database.db.write(systemActor(tenantB, 'test'), (tx) =>
      tx.rows(`UPDATE flotilla.tenants t SET name = 'changed'`),
    );
    await expect(command).rejects.toThrow(MissingAuditError);
    const name = await database.db.read({ tenantId: tenantB }, (tx) => tx.row('SELECT t.name FROM flotilla.tenants t'));
    expect(name).toEqual({ name: 'B' });
  });

  it('refuses to write in a read transaction', async () => {
    const attempt = database.db.read({ tenantId: tenantA }, (tx) =>
      tx.rows(`UPDATE flotilla.tenants t SET name = 'changed'`),
    );
    await expect(attempt).rejects.toThrow('read-only transaction');
  });

  it('tells listeners what a transaction notified, after its commit', async () => {
    const heard: string[] = [];
    const stop = await database.db.listen('flotilla_test', (payload) => heard.push(payload));
    await database.db.system((tx) => tx.notify('flotilla_test', 'hello'));
    for (let waited = 0; heard.length === 0 && waited < 3000; waited += 20) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    stop();
    expect(heard).toEqual(['hello']);
  });
});
