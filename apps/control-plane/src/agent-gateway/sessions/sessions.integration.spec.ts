import { jest } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { Db } from '@flotilla/persistence';
import pg from 'pg';
import { KeptSections, killTestGateway, startTestGateway } from '../../../../../test/support/agent-gateway.js';
import type { TestGateway } from '../../../../../test/support/agent-gateway.js';
import { createTestDatabase } from '../../../../../test/support/database.js';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { createTenant } from '../../../../../test/support/fleet.js';
import type { TestTenant } from '../../../../../test/support/fleet.js';
import { aMinute, minuteAgo } from '../../../../../test/support/telemetry.js';
import { enrollTestAgent, TestStream } from '../../../../../test/support/test-agent.js';
import type { Credentials } from '../../../../../test/support/test-agent.js';

// waiting for leases and locks is what these tests do
jest.setTimeout(20_000);

describe('streams', () => {
  let database: TestDatabase;
  let one: TestGateway;
  let two: TestGateway;
  let second: Db;
  let tenant: TestTenant;
  let own: Credentials;
  const streams: TestStream[] = [];

  const quick = { flushMs: 500, tickMs: 100, heartbeatS: 4 };
  beforeAll(async () => {
    database = await createTestDatabase();
    second = await Db.open({ connectionString: database.url });
    one = await startTestGateway(database.db, { options: quick });
    two = await startTestGateway(second, { options: quick });
  });
  afterAll(async () => {
    await one.stop();
    await two.stop();
    await second.close();
    await database.close();
  });
  beforeEach(async () => {
    tenant = await createTenant(database.db);
    const { token } = await one.tokens.mint(tenant.actor, { name: 't', multiUse: false, expiresInS: 600 });
    own = await enrollTestAgent(one.address, one.authority.certificatePem, token);
  });
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.close();
  });

  const open = (to: TestGateway = one, as = own) => {
    const stream = new TestStream(to.address, as);
    streams.push(stream);
    return stream;
  };
  /** A stream that is welcome and whose machine is known. */
  const opened = async (to: TestGateway = one, walEpoch?: number) => {
    const stream = open(to);
    await stream.hello(walEpoch === undefined ? {} : { walEpoch });
    await stream.inventory(`host-${own.agentId}`);
    return stream;
  };
  const sql = <T>(text: string, values: unknown[] = []) =>
    database.db.system((tx) => tx.rows<T & Record<string, unknown>>(text, values));
  const agentRow = async () =>
    (await sql<Record<string, never>>('SELECT * FROM flotilla.agents WHERE id = $1', [own.agentId]))[0]!;
  /** How many device-minutes of the tenant there are; read as the owner, for metric tables have no row security. */
  const minutesStored = async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM flotilla.gpu_minutes WHERE tenant_id = $1',
      [tenant.tenantId],
    );
    await client.end();
    return rows[0]!.n;
  };
  const someMinutes = (count: number, from = 60) =>
    Array.from({ length: count }, (_, i) => aMinute(minuteAgo(from - i), { gpu_utilization: i % 100 }));

  describe('telemetry', () => {
    it('is acknowledged after COMMIT, and a new stream goes on where the last one was', async () => {
      const stream = await opened();
      stream.minutes(1, someMinutes(3));
      expect(await stream.acked(3)).toEqual([]);
      expect(await minutesStored()).toBe(3);
      stream.close();
      const next = open();
      expect((await next.hello({ walEpoch: stream.walEpoch })).ackedSeq).toBe(3);
      const fresh = open();
      expect((await fresh.hello()).ackedSeq).toBe(0);
    });

    it('waits for the inventory of a machine that was never seen, and asks for it', async () => {
      const stream = open();
      expect((await stream.hello()).inventoryHash).toBe('');
      stream.minutes(1, someMinutes(2));
      await stream.next('sendInventory');
      await stream.inventory('host-late');
      await stream.acked(2);
      stream.close();
      const again = open();
      expect((await again.hello({ inventoryHash: 'inventory of host-late' })).inventoryHash).toBe(
        'inventory of host-late',
      );
    });

    it('absorbs what comes twice', async () => {
      const stream = await opened();
      const minutes = someMinutes(4);
      stream.minutes(1, minutes);
      await stream.acked(4);
      stream.minutes(1, minutes);
      stream.minutes(3, [...minutes.slice(2), ...someMinutes(2, 20)]);
      await stream.acked(6);
      expect(await minutesStored()).toBe(6);
    });

    it('refuses a batch that leaves a gap or belongs to another spool, and keeps the position', async () => {
      const stream = await opened();
      stream.minutes(1, someMinutes(1));
      await stream.acked(1);
      stream.minutes(9, someMinutes(1));
      expect(await stream.end()).toMatchObject({
        code: status.FAILED_PRECONDITION,
        details: expect.stringContaining('2'),
      });
      const other = await opened(one, stream.walEpoch);
      other.minutes(2, someMinutes(1, 30), 'GPU-0', stream.walEpoch + 1);
      expect(await other.end()).toMatchObject({
        code: status.FAILED_PRECONDITION,
        details: expect.stringContaining('spool'),
      });
      expect((await open().hello({ walEpoch: stream.walEpoch })).ackedSeq).toBe(1);
    });

    it('takes a gap that the spool says it lost', async () => {
      const stream = open();
      await stream.hello({ spool: { oldestSeq: 100, newestSeq: 101 } });
      await stream.inventory(`host-${own.agentId}`);
      stream.minutes(100, someMinutes(2));
      expect(await stream.acked(101)).toEqual([]);
    });

    it('rejects poison by its number, with a reason, and moves on', async () => {
      const stream = await opened();
      const good = someMinutes(1)[0]!;
      const minute = { device: 'GPU-0', minuteS: good.minuteS, intervalS: 5, metrics: [1], seconds: Buffer.of(1) };
      const floats = (value: number) => Buffer.from(Float32Array.of(value).buffer);
      const future = minuteAgo(-10);
      stream.send({
        batch: {
          walEpoch: stream.walEpoch,
          firstSeq: 1,
          entries: [
            { minute: { ...minute, values: floats(50) } },
            { minute: { ...minute, values: floats(Infinity) } },
            { minute: { ...minute, values: Buffer.of(1, 2, 3) } },
            { minute: { ...minute, minuteS: future, values: floats(1) } },
            { minute: { ...minute, minuteS: Number.MAX_SAFE_INTEGER, values: floats(1) } },
            { minute: { ...minute, instanceId: 'i-of-somebody-else', values: floats(1) } },
            { record: { section: 'costs', json: Buffer.from('{}') } },
            { record: { section: 'errors', json: Buffer.from('{"timestamp":"2026-11-22T10:00:00Z"}') } },
            { record: { section: 'errors', json: Buffer.from('no json') } },
            {},
            {
              event: {
                kind: 'xid',
                severity: 'critical',
                atMs: Date.now(),
                message: 'Xid 79\u0000',
                detailsJson: '{"a":"\\u0000"}',
              },
            },
            { dropped: { reason: 'full', entries: 7 } },
            { minute: { ...minute, minuteS: good.minuteS + 60, values: floats(NaN) } },
          ],
        },
      });
      const rejected = await stream.acked(13);
      expect(rejected.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(rejected[0]!.reason).toContain('not a finite number');
      expect(rejected[2]!.reason).toContain('in the future');
      expect(rejected[5]!.reason).toContain('not supported');
      const events = await sql<{ kind: string; message: string }>(
        'SELECT e.kind, e.message FROM flotilla.agent_events e WHERE e.agent_id = $1 ORDER BY e.seq',
        [own.agentId],
      );
      expect(events).toMatchObject([{ kind: 'xid', message: 'Xid 79' }, { kind: 'entries_dropped' }]);
      await eventually(async () => {
        stream.send({ heartbeat: { nowMs: Date.now() } });
        expect(await agentRow()).toMatchObject({ rejected_entries: 9, future_samples: 1 });
      }, 12_000);
    });

    it('rejects an entry whose bytes are no entry, and ignores a message that is none', async () => {
      const stream = await opened();
      const bad = Buffer.of(0x0a, 0x05, 0x01); // a minute of five bytes, of which one came
      const batch = Buffer.concat([
        Buffer.of(0x09),
        writeU64(stream.walEpoch),
        Buffer.of(0x10, 1),
        Buffer.of(0x1a, bad.length),
        bad,
      ]);
      const message = Buffer.concat([Buffer.of(0x1a, batch.length), batch]);
      const garbage = Buffer.of(0x1a, 0xff, 0xff);
      stream.call.write(garbage);
      stream.call.write(message);
      const rejected = await stream.acked(1);
      expect(rejected).toMatchObject([{ seq: 1, reason: expect.stringContaining('cannot be decoded') }]);
      stream.minutes(2, someMinutes(1));
      expect(await stream.acked(2)).toEqual([]);
    });
  });

  describe('who may have the stream', () => {
    it('is the newest, on the same replica and across replicas', async () => {
      const first = await opened(one);
      const next = await opened(one, first.walEpoch);
      expect(await first.end()).toMatchObject({ code: status.ABORTED, details: expect.stringContaining('SUPERSEDED') });
      const third = open(two);
      const welcome = await third.hello({ walEpoch: first.walEpoch, bootId: 'boot-2' });
      expect(welcome.epoch).toBeGreaterThan(next.epoch);
      expect(await next.end()).toMatchObject({ code: status.ABORTED, details: expect.stringContaining('SUPERSEDED') });
      await eventually(async () =>
        expect(await agentRow()).toMatchObject({
          replica_id: two.options.replicaId,
          boot_id: 'boot-2',
          disconnected_at: null,
        }),
      );
    });

    it('raises an alarm when two machines take turns under one identity', async () => {
      for (const fingerprint of ['machine-a', 'machine-b', 'machine-a']) {
        const stream = open();
        await stream.hello({ machine: { hostname: 'gpu', machineFingerprint: fingerprint } });
        stream.close();
      }
      expect((await agentRow()).clone_suspected_at).not.toBeNull();
      const audit = await sql(
        `SELECT 1 FROM flotilla.audit_log l WHERE l.tenant_id = $1 AND l.event_type = 'agent.clone_suspected'`,
        [tenant.tenantId],
      );
      expect(audit).toHaveLength(1);
    });

    it('raises none for one new machine', async () => {
      for (const fingerprint of ['machine-a', 'machine-b', 'machine-b']) {
        const stream = open();
        await stream.hello({ machine: { hostname: 'gpu', machineFingerprint: fingerprint } });
      }
      expect((await agentRow()).clone_suspected_at).toBeNull();
    });

    it('is nobody who says another id than its certificate, speaks another protocol, or begins with something else', async () => {
      await expect(open().hello({ agentId: '0199f1a2-7c3e-7a51-9d0b-6c1f2e3d4a5b' })).rejects.toMatchObject({
        code: status.INVALID_ARGUMENT,
      });
      await expect(open().hello({ minProtocol: 7, maxProtocol: 9 })).rejects.toMatchObject({
        details: expect.stringContaining('update the control plane'),
      });
      const stream = open();
      stream.send({ heartbeat: { nowMs: 1 } });
      expect(await stream.end()).toMatchObject({ code: status.FAILED_PRECONDITION });
    });

    it('is nobody of a suspended tenant, at once', async () => {
      const stream = await opened();
      await sql(`UPDATE flotilla.tenants SET status = 'suspended' WHERE tenant_id = $1`, [tenant.tenantId]);
      expect(await stream.end(3_000)).toMatchObject({ code: status.PERMISSION_DENIED });
      await expect(open().hello()).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
    });

    it('is nobody who was revoked, even when the notification is lost', async () => {
      const stream = await opened();
      await sql(`UPDATE flotilla.agents SET status = 'revoked', revoked_at = now() WHERE id = $1`, [own.agentId]);
      expect(await stream.end(10_000)).toMatchObject({ code: status.PERMISSION_DENIED });
    });
  });

  describe('liveness', () => {
    it('ends a stream without a hello and one that fell silent, and writes down why', async () => {
      const strict = await startTestGateway(database.db, {
        options: { ...quick, helloTimeoutMs: 300, heartbeatS: 0.2, missedHeartbeats: 3 },
      });
      try {
        expect(await open(strict).end()).toMatchObject({ code: status.DEADLINE_EXCEEDED });
        const stream = open(strict);
        await stream.hello();
        expect(await stream.end()).toMatchObject({
          code: status.UNAVAILABLE,
          details: expect.stringContaining('nothing was heard'),
        });
        await eventually(async () =>
          expect(await agentRow()).toMatchObject({
            replica_id: null,
            disconnect_reason: expect.stringContaining('nothing was heard'),
          }),
        );
      } finally {
        await strict.stop();
      }
    });

    it('keeps clock skew, spool and collectors from heartbeats, whatever numbers they carry', async () => {
      const stream = await opened();
      stream.send({
        heartbeat: {
          nowMs: Date.now() - 7_200_000,
          spool: { oldestSeq: 5, newestSeq: 14, bytes: '18446744073709551615', droppedEntries: 3, degraded: true },
          collectors: [{ name: 'nvidia-smi\n', state: 'failed', message: 'gone \ud83d' }],
        },
      });
      await eventually(async () => {
        const row = await agentRow();
        expect(row).toMatchObject({ buffered_entries: 10, dropped_entries: 3, degraded: true });
        expect(row.clock_skew_ms).toBeLessThan(-7_190_000);
        expect(row.collectors).toMatchObject([{ name: 'nvidia-smi', state: 'failed' }]);
      }, 12_000);
    });

    it('survives the death of its replica: another takes over at once, and who stays away is marked', async () => {
      const third = await startTestGateway(second, { options: quick });
      const stream = open(third);
      await stream.hello();
      await stream.inventory(`host-${own.agentId}`);
      stream.minutes(1, someMinutes(2));
      await stream.acked(2);
      await killTestGateway(third.gateway);
      expect(await stream.end()).toMatchObject({ code: status.UNAVAILABLE });
      expect((await agentRow()).replica_id).toBe(third.options.replicaId);
      const next = open(one);
      expect((await next.hello({ walEpoch: stream.walEpoch })).ackedSeq).toBe(2);
      next.close();
      await sql(`UPDATE flotilla.agents SET connected_until = now() - interval '1 s', replica_id = $2 WHERE id = $1`, [
        own.agentId,
        third.options.replicaId,
      ]);
      expect(await one.gateway.expireLeases()).toBeGreaterThanOrEqual(1);
      expect(await agentRow()).toMatchObject({
        replica_id: null,
        disconnect_reason: expect.stringContaining('replica'),
      });
    });

    it('sends agents elsewhere before it stops, after what they sent is stored', async () => {
      const third = await startTestGateway(second, { options: quick });
      const stream = await opened(third);
      stream.minutes(1, someMinutes(50));
      const stopped = third.stop();
      expect((await stream.next('drain')).drain!.reconnectAfterMs).toBeGreaterThan(0);
      await stream.acked(50);
      expect(await stream.end()).toMatchObject({ code: status.UNAVAILABLE });
      await stopped;
      expect(await agentRow()).toMatchObject({
        replica_id: null,
        disconnect_reason: expect.stringContaining('stopping'),
      });
    });
  });

  describe('a slow database', () => {
    it('holds memory within the credits, acknowledges nothing meanwhile, and everything afterwards', async () => {
      const narrow = await startTestGateway(second, {
        options: { ...quick, window: 2, inflightBytes: 8 * 1024 * 1024 },
      });
      const lock = new pg.Client({ connectionString: database.url });
      await lock.connect();
      try {
        const stream = await opened(narrow);
        stream.minutes(1, someMinutes(1));
        await stream.acked(1);
        await lock.query('BEGIN');
        await lock.query('LOCK TABLE flotilla.ingest_ledger, flotilla.ingest_positions IN ACCESS EXCLUSIVE MODE');
        // an agent that ignores its window: 100 batches of 1 MiB
        const filler = 'x'.repeat(1_000_000);
        for (let seq = 2; seq <= 101; seq += 1) {
          const event = {
            kind: 'note',
            severity: 'info',
            message: 'm',
            atMs: Date.now(),
            detailsJson: JSON.stringify({ filler }),
          };
          stream.send({ batch: { walEpoch: stream.walEpoch, firstSeq: seq, entries: [{ event }] } });
        }
        let most = 0;
        for (let i = 0; i < 30; i += 1) {
          most = Math.max(most, narrow.gateway.budget.usedBytes);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        // window 2, two more before reading stops, and what the stream had read ahead by then (16 objects)
        expect(most).toBeGreaterThan(1_000_000);
        expect(most).toBeLessThan(24_000_000);
        expect(stream.received.filter((message) => message.body === 'ack')).toEqual([]);
        await lock.query('ROLLBACK');
        await stream.acked(101, 20_000);
        await eventually(async () => expect(narrow.gateway.budget.usedBytes).toBe(0));
      } finally {
        await lock.query('ROLLBACK').catch(() => undefined);
        await lock.end();
        await narrow.stop();
      }
    }, 60_000);

    it('that goes away ends no stream, and what was sent is stored when it is back', async () => {
      const stream = await opened();
      stream.minutes(1, someMinutes(1));
      await stream.acked(1);
      const admin = new pg.Client({ connectionString: database.url });
      await admin.connect();
      await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
      stream.minutes(2, someMinutes(5, 40));
      await admin.end();
      expect(await stream.acked(6, 15_000)).toEqual([]);
      expect(stream.ended).toBeUndefined();
      expect(await minutesStored()).toBe(6);
    }, 30_000);
  });

  it('has a bound on the streams of one tenant', async () => {
    const small = await startTestGateway(second, { options: { ...quick, maxSessionsPerTenant: 1 } });
    try {
      await open(small).hello();
      await expect(open(small).hello()).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    } finally {
      await small.stop();
    }
  });

  it('hands records to the sections of POST /sync', async () => {
    const stream = await opened();
    const element = { timestamp: '2026-11-22T10:00:00Z', message: 'disk full' };
    stream.send({
      batch: {
        walEpoch: stream.walEpoch,
        firstSeq: 1,
        entries: [{ record: { section: 'errors', json: Buffer.from(JSON.stringify(element)) } }],
      },
    });
    expect(await stream.acked(1)).toEqual([]);
    expect(one.sections).toBeInstanceOf(KeptSections);
    expect(one.sections.stored.at(-1)).toMatchObject({
      agent: { tenantId: tenant.tenantId, agentId: own.agentId },
      section: 'errors',
      elements: [element],
    });
  });
});

async function eventually(check: () => Promise<void>, withinMs = 5_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function writeU64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
