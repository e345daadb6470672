import pg from 'pg';
import { systemActor } from '@flotilla/persistence';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { superuserUrl } from '../../../../test/support/database.js';
import { AuditJob } from './audit.job.js';

describe('the chain of the audit', () => {
  let app: TestApp;
  let owner: pg.Client;

  beforeAll(async () => {
    app = await startTestApp();
    // whoever owns the database, with every right there is
    const url = new URL(superuserUrl());
    url.pathname = new URL(app.databaseUrl).pathname;
    owner = new pg.Client({ connectionString: url.href });
    await owner.connect();
  });
  afterAll(async () => {
    await owner.end();
    await app.close();
  });

  /** Until nothing waits: the job of the app seals beside, and who comes second leaves it to the first. */
  const seal = async () => {
    const waiting = async () => (await owner.query('SELECT FROM flotilla.audit_unsealed LIMIT 1')).rowCount;
    while (await waiting()) await app.app.get(AuditJob).seal();
  };
  const write = (tenantId: string, count: number, label = 'row') =>
    app.db.write(systemActor(tenantId, 'test'), async (tx) => {
      for (let i = 0; i < count; i++) await tx.record('spec.ran', { type: 'spec', id: i }, { label, amount: 12.5, i });
    });
  const tenantOf = async (rows = 10) => {
    const tenantId = await app.newTenant();
    await write(tenantId, rows / 2);
    await seal();
    await write(tenantId, rows / 2);
    await seal();
    const { rows: ids } = await owner.query<{ id: string }>(
      'SELECT id FROM flotilla.audit_log WHERE tenant_id = $1 ORDER BY id',
      [tenantId],
    );
    return { tenantId, ids: ids.map((one) => Number(one.id)), admin: await app.apiKey('admin', tenantId) };
  };
  const verify = async (admin: string) => {
    await seal();
    const answer = await app.call('GET', '/api/audit/verify', { as: admin });
    expect(answer.status).toBe(200);
    return answer.body.data;
  };

  it('holds what was written, in its order, and says how far', async () => {
    const { admin, ids, tenantId } = await tenantOf();
    const found = await verify(admin);
    expect(found).toMatchObject({ intact: true, first_bad: null, checked: 10, unsealed: 0, heads: 1 });
    expect(found.sealed_through).toMatchObject({ sequence: 10, audit_id: ids.at(-1) });
    expect(found.public_key).toContain('BEGIN PUBLIC KEY');
    await write(tenantId, 3);
    expect((await app.call('GET', '/api/audit/verify', { as: await app.apiKey('operator', tenantId) })).status).toBe(
      403,
    );
    expect((await verify(admin)).checked).toBe(13);
  });

  it.each<[string, string, number, RegExp]>([
    [
      'edited',
      `UPDATE flotilla.audit_log SET details = jsonb_set(details, '{amount}', '12.50') WHERE id = $1`,
      4,
      /^changed/,
    ],
    [
      'edited in one digit that JavaScript cannot hold',
      `UPDATE flotilla.audit_log SET details = jsonb_set(details, '{amount}', '12.500000000000000000001') WHERE id = $1`,
      4,
      /^changed/,
    ],
    ['given to another actor', `UPDATE flotilla.audit_log SET actor_label = 'nobody' WHERE id = $1`, 0, /^changed/],
    ['dated back', `UPDATE flotilla.audit_log SET at = at - interval '1 microsecond' WHERE id = $1`, 9, /^changed/],
    ['deleted', 'DELETE FROM flotilla.audit_log WHERE id = $1', 5, /^deleted/],
    [
      'deleted with its place',
      'WITH c AS (DELETE FROM flotilla.audit_chain WHERE audit_id = $1) DELETE FROM flotilla.audit_log WHERE id = $1',
      5,
      /^deleted/,
    ],
  ])('finds a row that was %s', async (_, statement, place, kind) => {
    const { admin, ids } = await tenantOf();
    await owner.query(statement, [ids[place]]);
    const { intact, first_bad } = await verify(admin);
    expect(intact).toBe(false);
    expect(first_bad.kind).toMatch(kind);
    expect(first_bad.audit_id ?? ids[first_bad.sequence - 1]).toBe(ids[place]);
  });

  it('finds rows that were exchanged', async () => {
    const { admin, ids } = await tenantOf();
    const swap = async (one: number, other: number) => {
      for (const [from, to] of [
        [one, -1],
        [other, one],
        [-1, other],
      ]) {
        await owner.query('UPDATE flotilla.audit_chain SET audit_id = $2 WHERE audit_id = $1', [from, to]);
      }
    };
    await swap(ids[3]!, ids[6]!);
    expect((await verify(admin)).first_bad).toMatchObject({ kind: 'changed', sequence: 4 });
  });

  const insert = (tenantId: string, id: number, at: string) =>
    owner.query(
      `INSERT INTO flotilla.audit_log (tenant_id, id, at, event_type, actor_type, actor_label)
       OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, 'spec.forged', 'system', 'the owner')`,
      [tenantId, id, at],
    );

  it('finds a row that was put in behind its back', async () => {
    const { admin, tenantId } = await tenantOf();
    await owner.query('ALTER TABLE flotilla.audit_log DISABLE TRIGGER audit_noted');
    await insert(tenantId, 1_000_001, new Date().toISOString());
    await owner.query('ALTER TABLE flotilla.audit_log ENABLE TRIGGER audit_noted');
    expect((await verify(admin)).first_bad).toMatchObject({ kind: 'inserted', audit_id: 1_000_001 });
  });

  it('finds a row that was put in for a day that is over', async () => {
    const { admin, tenantId } = await tenantOf();
    await insert(tenantId, 1_000_002, '2026-01-01T00:00:00Z');
    expect((await verify(admin)).first_bad).toMatchObject({ kind: 'inserted', audit_id: 1_000_002 });
  });

  it('finds a chain that was reckoned anew from an edited row on', async () => {
    const { admin, tenantId, ids } = await tenantOf();
    await owner.query(`UPDATE flotilla.audit_log SET actor_label = 'nobody' WHERE id = $1`, [ids[9]]);
    const { AUDIT_TEXTS, chainHash, momentText } = await import('./audit-hash.js');
    const { rows } = await owner.query(
      `SELECT c.seq::int, c.audit_id::int, ${momentText('c.written_at')} AS written_at,
              to_char(c.sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS sealed_at, b.hash AS before, ${AUDIT_TEXTS}
         FROM flotilla.audit_chain c JOIN flotilla.audit_chain b ON b.tenant_id = c.tenant_id AND b.seq = c.seq - 1
         JOIN flotilla.audit_log a ON a.tenant_id = c.tenant_id AND a.id = c.audit_id WHERE c.tenant_id = $1 AND c.seq = 10`,
      [tenantId],
    );
    const forged = chainHash(rows[0].before, rows[0]);
    await owner.query('UPDATE flotilla.audit_chain SET hash = $2 WHERE tenant_id = $1 AND seq = 10', [
      tenantId,
      forged,
    ]);
    expect((await verify(admin)).first_bad).toMatchObject({ kind: 'rewritten', audit_id: ids[9] });
    await owner.query('UPDATE flotilla.audit_heads SET hash = $2 WHERE tenant_id = $1', [tenantId, forged]);
    expect((await verify(admin)).first_bad).toMatchObject({
      kind: 'rewritten',
      message: expect.stringContaining('signature'),
    });
  });

  it('chains what many write at once, in two replicas, each row once', async () => {
    const replica = await startTestApp({ beside: app });
    try {
      const tenantId = await app.newTenant();
      const admin = await app.apiKey('admin', tenantId);
      const sealing = Promise.all(
        Array.from({ length: 10 }, async (_, i) => {
          await new Promise((resolve) => setTimeout(resolve, i * 30));
          await Promise.all([seal(), replica.app.get(AuditJob).seal()]);
        }),
      );
      await Promise.all(Array.from({ length: 12 }, () => write(tenantId, 25)));
      await sealing;
      expect(await verify(admin)).toMatchObject({ intact: true, checked: 300, unsealed: 0 });
    } finally {
      await replica.close();
    }
  });

  it('may be read and added to by the application, and nothing else', async () => {
    const actor = systemActor(await app.newTenant(), 'test');
    for (const table of ['audit_log', 'audit_chain', 'audit_heads', 'audit_unsealed']) {
      for (const sql of [`DELETE FROM flotilla.${table}`, `UPDATE flotilla.${table} SET tenant_id = tenant_id`]) {
        const attempt = app.db.write(actor, async (tx) => {
          tx.withoutAudit('must fail');
          await tx.rows(sql);
        });
        await expect(attempt).rejects.toThrow('permission denied');
      }
    }
  });
});
