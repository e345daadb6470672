import { jest } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import type { Db } from '@flotilla/persistence';
import { killTestGateway, startTestGateway } from '../../../../../test/support/agent-gateway.js';
import type { TestGateway } from '../../../../../test/support/agent-gateway.js';
import type { TestDatabase } from '../../../../../test/support/database.js';
import type { TestTenant } from '../../../../../test/support/fleet.js';
import { QUICK, StreamStage, eventually, someMinutes } from '../../../../../test/support/stream-stage.js';
import type { Credentials } from '../../../../../test/support/test-agent.js';

// waiting for leases and locks is what these tests do
jest.setTimeout(20_000);

describe('who may have a stream', () => {
  const stage = new StreamStage();
  const { open, opened, sql, agentRow } = stage;
  let database: TestDatabase;
  let second: Db;
  let one: TestGateway;
  let two: TestGateway;
  let tenant: TestTenant;
  let own: Credentials;
  beforeAll(() => void ({ database, second, one, two } = stage));
  beforeEach(() => void ({ tenant, own } = stage));

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
        options: { ...QUICK, helloTimeoutMs: 300, heartbeatS: 0.2, missedHeartbeats: 3 },
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
      const third = await startTestGateway(second, { options: QUICK });
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
      const third = await startTestGateway(second, { options: QUICK });
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

  it('has a bound on the streams of one tenant', async () => {
    const small = await startTestGateway(second, { options: { ...QUICK, maxSessionsPerTenant: 1 } });
    try {
      await open(small).hello();
      await expect(open(small).hello()).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    } finally {
      await small.stop();
    }
  });
});
