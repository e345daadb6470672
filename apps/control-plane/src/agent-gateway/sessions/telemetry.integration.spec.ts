import { jest } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { KeptSections } from '../../../../../test/support/agent-gateway.js';
import type { TestGateway } from '../../../../../test/support/agent-gateway.js';
import type { TestTenant } from '../../../../../test/support/fleet.js';
import { StreamStage, eventually, someMinutes } from '../../../../../test/support/stream-stage.js';
import { minuteAgo } from '../../../../../test/support/telemetry.js';
import type { Credentials } from '../../../../../test/support/test-agent.js';

// waiting for leases and locks is what these tests do
jest.setTimeout(20_000);

describe('what streams bring', () => {
  const stage = new StreamStage();
  const { open, opened, sql, agentRow, minutesStored } = stage;
  let one: TestGateway;
  let tenant: TestTenant;
  let own: Credentials;
  beforeAll(() => void ({ one } = stage));
  beforeEach(() => void ({ tenant, own } = stage));

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
            // holds the place of one of the seven
            { dropped: { reason: 'full', entries: 0 } },
            { minute: { ...minute, minuteS: good.minuteS + 60, values: floats(NaN) } },
          ],
        },
      });
      const rejected = await stream.acked(14);
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

function writeU64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
