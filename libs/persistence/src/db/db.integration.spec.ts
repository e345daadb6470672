import pg from 'pg';
import { createTestDatabase } from '../../../../test/support/database.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { systemActor } from './actor.js';
import type { Actor } from './actor.js';
import { MissingAuditError } from './db.js';

describe('Db', () => {
  let database: TestDatabase;
  let one: Actor;
  let other: Actor;

  beforeAll(async () => {
    database = await createTestDatabase();
    [one, other] = (await Promise.all(['one', 'other'].map(makeTenant))) as [Actor, Actor];
  });
  afterAll(() => database.close());

  const makeTenant = async (name: string) => {
    const tenant = await database.db.system((tx) =>
      tx.row<{ tenant_id: string }>('INSERT INTO flotilla.tenants (name) VALUES ($1) RETURNING tenant_id', [name]),
    );
    return systemActor(tenant!.tenant_id, 'a test');
  };
  const nameOf = async (actor: Pick<Actor, 'tenantId'>) =>
    database.db.read(actor, (tx) => tx.rows<{ name: string }>('SELECT t.name FROM flotilla.tenants t'));
  const auditOf = async (actor: Actor) =>
    database.db.read(actor, (tx) => tx.rows('SELECT a.event_type, a.actor_label, a.details FROM flotilla.audit_log a'));

  it('shows a tenant its own rows, also without any WHERE', async () => {
    expect(await nameOf(one)).toEqual([{ name: 'one' }]);
    expect(await nameOf(other)).toEqual([{ name: 'other' }]);
  });

  it('shows nothing where no tenant is set, also on a connection that served one before', async () => {
    for (let i = 0; i < 10; i += 1) {
      expect(await nameOf(one)).toHaveLength(1);
      expect(await nameOf({ tenantId: '' })).toEqual([]);
    }
  });

  it("changes nothing of another tenant's", async () => {
    await database.db.write(one, async (tx) => {
      const changed = await tx.rows('UPDATE flotilla.tenants SET name = name WHERE tenant_id = $1 RETURNING 1', [
        other.tenantId,
      ]);
      expect(changed).toEqual([]);
      tx.withoutAudit('nothing changed');
    });
    const insertForOther = database.db.write(one, async (tx) => {
      await tx.rows(
        `INSERT INTO flotilla.audit_log (tenant_id, event_type, actor_type, actor_label) VALUES ($1, 'x', 'system', 'x')`,
        [other.tenantId],
      );
    });
    await expect(insertForOther).rejects.toThrow('row-level security');
  });

  it('cannot write in a read', async () => {
    const write = database.db.read(one, (tx) => tx.rows(`UPDATE flotilla.tenants SET name = 'x'`));
    await expect(write).rejects.toThrow('read-only transaction');
  });

  it('commits a command with its audit', async () => {
    const tenant = await makeTenant('renamed');
    await database.db.write(tenant, async (tx) => {
      await tx.rows(`UPDATE flotilla.tenants SET name = 'new name'`);
      await tx.record('tenant.updated', { type: 'tenant', id: tenant.tenantId }, { name: 'new name' });
    });
    expect(await nameOf(tenant)).toEqual([{ name: 'new name' }]);
    expect(await auditOf(tenant)).toEqual([
      { event_type: 'tenant.updated', actor_label: 'a test', details: { name: 'new name' } },
    ]);
  });

  it('commits nothing of a command that recorded nothing', async () => {
    const tenant = await makeTenant('as it was');
    const command = database.db.write(tenant, (tx) => tx.rows(`UPDATE flotilla.tenants SET name = 'silent'`));
    await expect(command).rejects.toThrow(MissingAuditError);
    expect(await nameOf(tenant)).toEqual([{ name: 'as it was' }]);
  });

  it('runs effects and notifies after COMMIT, and never after a rollback', async () => {
    const heard: string[] = [];
    await database.db.listen('db_spec', (payload) => heard.push(payload));
    const command = (fails: boolean) =>
      database.db.write(one, async (tx) => {
        await tx.record('spec.ran', null);
        await tx.notify('db_spec', fails ? 'rolled back' : 'committed');
        tx.afterCommit(() => void heard.push(fails ? 'effect of a rollback' : 'effect'));
        if (fails) throw new Error('on purpose');
      });
    await expect(command(true)).rejects.toThrow('on purpose');
    await command(false);
    for (let i = 0; i < 100 && heard.length < 2; i += 1) await new Promise((resolve) => setTimeout(resolve, 20));
    expect([...heard].sort()).toEqual(['committed', 'effect']);
  });

  it('hears again after its connection for notifications was lost, and says that some may be missing', async () => {
    const heard: string[] = [];
    let lost = 0;
    database.db.onNotificationsLost(() => (lost += 1));
    await database.db.listen('db_spec_again', (payload) => heard.push(payload));
    const owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    const { rowCount } = await owner.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'LISTEN%' AND datname = current_database()`,
    );
    await owner.end();
    expect(rowCount).toBe(1);
    for (let i = 0; i < 200 && lost === 0; i += 1) await new Promise((resolve) => setTimeout(resolve, 20));
    for (let i = 0; i < 200 && heard.length === 0; i += 1) {
      await database.db.ingest((tx) => tx.notify('db_spec_again', 'hello'));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(heard[0]).toBe('hello');
    expect(lost).toBeGreaterThan(0);
  });

  it('lets nobody change or delete the audit', async () => {
    const [remove, change] = ['DELETE FROM flotilla.audit_log', `UPDATE flotilla.audit_log SET event_type = 'x'`];
    const count = () =>
      database.db.system((tx) => tx.row<{ n: number }>('SELECT count(*)::integer AS n FROM flotilla.audit_log'));
    const before = await count();
    expect(before!.n).toBeGreaterThan(0);
    await expect(database.db.system((tx) => tx.rows(change))).rejects.toThrow('permission denied');
    // jobs may remove what a signed checkpoint stands for: there is none, so nothing goes
    await database.db.system((tx) => tx.rows(remove));
    expect(await count()).toEqual(before);
    for (const sql of [remove, change]) {
      await expect(
        database.db.write(one, async (tx) => {
          tx.withoutAudit('must fail');
          await tx.rows(sql);
        }),
      ).rejects.toThrow('permission denied');
    }
  });

  it('says how busy its pools are', async () => {
    const figuresOf = (pool: string) => database.db.pools().find((one) => one.pool === pool)!;
    expect(database.db.pools().map(({ pool }) => pool)).toEqual(['read', 'write', 'ingest', 'system', 'export']);
    for (const [pool, hold] of [
      ['read', (wait: Promise<void>) => database.db.read(one, () => wait)],
      ['system', (wait: Promise<void>) => database.db.system(() => wait)],
      [
        'write',
        (wait: Promise<void>) =>
          database.db.write(one, (tx) => {
            tx.withoutAudit('only holds its connection');
            return wait;
          }),
      ],
    ] as const) {
      const { limit } = figuresOf(pool);
      let end = () => {};
      const wait = new Promise<void>((resolve) => (end = resolve));
      const held = Array.from({ length: limit + 2 }, () => hold(wait));
      try {
        await until(() => figuresOf(pool).total === limit && figuresOf(pool).idle === 0);
        expect(figuresOf(pool)).toEqual({ pool, total: limit, idle: 0, waiting: 2, limit });
      } finally {
        end();
        await Promise.all(held);
      }
      await until(() => figuresOf(pool).idle > 0);
      expect(figuresOf(pool)).toMatchObject({ waiting: 0, limit });
    }
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}
