import { jest } from '@jest/globals';
import type { Db } from '@flotilla/persistence';
import pg from 'pg';
import { startTestGateway } from '../../../../../test/support/agent-gateway.js';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { QUICK, StreamStage, eventually, someMinutes } from '../../../../../test/support/stream-stage.js';

// waiting for leases and locks is what these tests do
jest.setTimeout(20_000);

describe('streams and the database', () => {
  const stage = new StreamStage();
  const { opened, minutesStored } = stage;
  let database: TestDatabase;
  let second: Db;
  beforeAll(() => void ({ database, second } = stage));

  describe('a slow database', () => {
    it('holds memory within the credits, acknowledges nothing meanwhile, and everything afterwards', async () => {
      const narrow = await startTestGateway(second, {
        options: { ...QUICK, window: 2, inflightBytes: 4 * 1024 * 1024, slowAfterMs: 1_000 },
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
        // and asks it to read more rarely: its backlog stayed over the bound
        await eventually(async () => expect(stream.received.find((message) => message.slow)?.slow?.intervalS).toBe(10));
        await lock.query('ROLLBACK');
        await stream.acked(101, 20_000);
        await eventually(async () => expect(narrow.gateway.budget.usedBytes).toBe(0));
        await eventually(async () =>
          expect(stream.received.find((message) => message.config)?.config).toMatchObject({ intervalS: 0 }),
        );
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
});
