import pg from 'pg';
import { systemActor } from '@flotilla/persistence';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { superuserUrl } from '../../../../test/support/database.js';
import { HeadSigner } from './audit-hash.js';
import { AuditRetentionJob } from './audit-retention.job.js';
import { AuditJob } from './audit.job.js';

describe('the audit after its time', () => {
  let app: TestApp;
  let owner: pg.Client;
  let signer: HeadSigner;

  beforeAll(async () => {
    app = await startTestApp();
    const url = new URL(superuserUrl());
    url.pathname = new URL(app.databaseUrl).pathname;
    owner = new pg.Client({ connectionString: url.href });
    await owner.connect();
    signer = new HeadSigner(app.config.masterKey);
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
  const forget = (months: number) => app.app.get(AuditRetentionJob).forget(months);
  const write = (tenantId: string, count: number) =>
    app.db.write(systemActor(tenantId, 'test'), async (tx) => {
      for (let i = 0; i < count; i++) await tx.record('spec.ran', { type: 'spec', id: i }, { i });
    });
  const kept = async (tenantId: string) => {
    const { rows } = await owner.query<{ event_type: string }>(
      'SELECT event_type FROM flotilla.audit_log WHERE tenant_id = $1 ORDER BY id',
      [tenantId],
    );
    return rows.map((row) => row.event_type);
  };
  const verify = async (admin: string) => {
    await seal();
    return (await app.call('GET', '/api/audit/verify', { as: admin })).body.data;
  };
  /** What was sealed until now was sealed that long ago, signed by the house itself. */
  const age = async (tenantId: string, months: number) => {
    const { rows } = await owner.query(
      `SELECT seq::integer, hash, day::text AS was, ((now() AT TIME ZONE 'UTC')::date - make_interval(months => $2))::date::text AS day
         FROM flotilla.audit_heads WHERE tenant_id = $1 ORDER BY seq DESC LIMIT 1`,
      [tenantId, months],
    );
    const { seq, hash, was, day } = rows[0];
    await owner.query('UPDATE flotilla.audit_heads SET day = $3, signature = $4 WHERE tenant_id = $1 AND day = $2', [
      ...[tenantId, was, day, signer.sign(tenantId, day, { seq, hash })],
    ]);
  };
  const tenantOf = async () => {
    const tenantId = await app.newTenant();
    const admin = await app.apiKey('admin', tenantId);
    await write(tenantId, 6);
    await seal();
    await age(tenantId, 30);
    await write(tenantId, 4);
    await seal();
    return { tenantId, admin, before: (await kept(tenantId)).length };
  };

  it('is removed by whole days, and what is left is verified from a signed place on', async () => {
    const { tenantId, admin, before } = await tenantOf();
    await forget(31);
    expect(await kept(tenantId)).toHaveLength(before);
    await forget(24);
    const left = await kept(tenantId);
    expect(left).toEqual([...Array<string>(4).fill('spec.ran'), 'audit.removed']);
    const found = await verify(admin);
    expect(found).toMatchObject({ intact: true, checked: 5, heads: 1 });
    expect(found.removed_through.sequence).toBe(before - 4);
    expect(found.sealed_through.sequence).toBe(before + 1);
    // once is enough, and there is nothing more to say of it
    await forget(24);
    expect(await kept(tenantId)).toEqual(left);
    // what comes later follows from what is gone
    await age(tenantId, 26);
    await write(tenantId, 3);
    expect(await verify(admin)).toMatchObject({ intact: true, checked: 8 });
    await forget(24);
    expect(await kept(tenantId)).toEqual([...Array<string>(3).fill('spec.ran'), 'audit.removed']);
    expect(await verify(admin)).toMatchObject({ intact: true, checked: 4 });
  });

  it('stays as it is while something in it is not as it was sealed', async () => {
    const { tenantId, admin, before } = await tenantOf();
    await owner.query(
      `UPDATE flotilla.audit_log SET actor_label = 'nobody' WHERE tenant_id = $1 AND id = (SELECT min(id) FROM flotilla.audit_log WHERE tenant_id = $1)`,
      [tenantId],
    );
    await forget(24);
    expect(await kept(tenantId)).toHaveLength(before);
    expect(await verify(admin)).toMatchObject({ intact: false, first_bad: { kind: 'changed' }, removed_through: null });
  });

  it('is not said to have had its time by somebody without the key', async () => {
    const { tenantId, admin } = await tenantOf();
    const cut = (signature: Buffer) =>
      owner.query(
        `WITH head AS (SELECT * FROM flotilla.audit_heads WHERE tenant_id = $1 ORDER BY seq LIMIT 1),
              gone AS (DELETE FROM flotilla.audit_chain c USING head h WHERE c.tenant_id = $1 AND c.seq <= h.seq RETURNING c.audit_id),
              rows AS (DELETE FROM flotilla.audit_log a USING gone g WHERE a.tenant_id = $1 AND a.id = g.audit_id)
         INSERT INTO flotilla.audit_checkpoints (tenant_id, seq, hash, day, key_id, signature)
         SELECT h.tenant_id, h.seq, h.hash, h.day, h.key_id, $2 FROM head h`,
        [tenantId, signature],
      );
    const { rows } = await owner.query<{ signature: Buffer }>(
      'SELECT signature FROM flotilla.audit_heads WHERE tenant_id = $1 ORDER BY seq LIMIT 1',
      [tenantId],
    );
    // the signature of the day's end is at hand in the database, and is one for another text
    await cut(rows[0]!.signature);
    expect((await verify(admin)).first_bad).toMatchObject({
      kind: 'rewritten',
      message: expect.stringContaining('somebody else removed them'),
    });
  });

  it('is not deleted before by any role of ours, a job of the house included', async () => {
    const { tenantId, before } = await tenantOf();
    await app.db.system((tx) => tx.rows('DELETE FROM flotilla.audit_log WHERE tenant_id = $1', [tenantId]));
    await app.db.system((tx) => tx.rows('DELETE FROM flotilla.audit_chain WHERE tenant_id = $1', [tenantId]));
    expect(await kept(tenantId)).toHaveLength(before);
    await expect(
      app.db.system((tx) => tx.rows('DELETE FROM flotilla.audit_checkpoints WHERE tenant_id = $1', [tenantId])),
    ).rejects.toThrow('permission denied');
  });

  it('finishes what a run that was killed had begun', async () => {
    const { tenantId, admin, before } = await tenantOf();
    const { rows } = await owner.query(
      'SELECT seq::integer, hash FROM flotilla.audit_heads WHERE tenant_id = $1 ORDER BY seq LIMIT 1',
      [tenantId],
    );
    // it had signed, and removed nothing yet
    await owner.query(
      `INSERT INTO flotilla.audit_checkpoints (tenant_id, seq, hash, day, key_id, signature)
       SELECT h.tenant_id, h.seq, h.hash, h.day, h.key_id, $2 FROM flotilla.audit_heads h WHERE h.tenant_id = $1 ORDER BY h.seq LIMIT 1`,
      [tenantId, signer.signCheckpoint(tenantId, rows[0])],
    );
    expect(await kept(tenantId)).toHaveLength(before);
    expect(await verify(admin)).toMatchObject({ intact: true });
    await forget(24);
    expect(await kept(tenantId)).toHaveLength(4);
    expect(await verify(admin)).toMatchObject({ intact: true, checked: 4 });
  });
});
