import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import type { SystemTx } from '@flotilla/persistence';
import { Jobs, Log } from '../platform/index.js';
import { EVENTS_WRITTEN_CHANNEL } from './event-log.js';
import { EVENTS_SEALED_CHANNEL } from './events.reader.js';

/** What is written meanwhile is sealed together. */
const GATHER_MS = 50;
const LOOK_MS = 1_000;
const AT_ONCE = 5_000;
/** How long events are kept. */
export const EVENT_RETENTION_DAYS = 90;

/**
 * Gives events their place in the order of their tenant. Any replica may; the row of `event_heads` lets one at a time.
 *
 * Only committed events are seen here, and a place is given under the lock until it is committed itself: so places become
 * visible in their order, which ids do not.
 */
@Injectable()
export class EventsJob implements OnModuleInit, OnApplicationShutdown {
  private readonly log: Log;
  private waiting: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private stopped = false;

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    log: Log,
  ) {
    this.log = log.child('events');
  }

  async onModuleInit(): Promise<void> {
    await this.db.listen(EVENTS_WRITTEN_CHANNEL, () => this.soon());
    this.jobs.every({ name: 'events.seal', everyMs: LOOK_MS, exclusive: false, run: () => this.seal() });
    this.jobs.every({ name: 'events.forget', everyMs: 3_600_000, exclusive: true, run: () => this.forget() });
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.waiting);
    await this.running;
  }

  /** Gives all events that are there now their places, also those that a sealing under way has not seen. */
  seal(): Promise<void> {
    this.again = true;
    return (this.running ??= this.sealAll());
  }

  private soon(): void {
    if (this.stopped) return;
    this.waiting ??= setTimeout(() => {
      this.waiting = undefined;
      this.seal().catch((error: unknown) =>
        this.log.warn({ err: error }, 'events could not be put in order; the next second tries again'),
      );
    }, GATHER_MS);
  }

  private async sealAll(): Promise<void> {
    try {
      while (this.again) {
        this.again = false;
        while ((await this.db.system(sealOnce)) === AT_ONCE);
      }
    } finally {
      // with the last look at `again`, not a turn later: who asks in between would wait for nothing
      this.running = undefined;
    }
  }

  private async forget(): Promise<void> {
    await this.db.system((tx) =>
      tx.rows(`DELETE FROM flotilla.events WHERE at < now() - $1 * interval '1 day' AND seq IS NOT NULL`, [
        EVENT_RETENTION_DAYS,
      ]),
    );
  }
}

/** @returns how many were sealed */
async function sealOnce(tx: SystemTx): Promise<number> {
  const open = await tx.rows<{ tenant_id: string }>(
    'SELECT DISTINCT e.tenant_id FROM flotilla.events e WHERE e.seq IS NULL',
  );
  if (open.length === 0) return 0;
  const tenants = open.map((row) => row.tenant_id);
  await tx.rows(
    'INSERT INTO flotilla.event_heads (tenant_id) SELECT unnest($1::uuid[]) ORDER BY 1 ON CONFLICT DO NOTHING',
    [tenants],
  );
  const mine = await tx.rows<{ tenant_id: string }>(
    'SELECT h.tenant_id FROM flotilla.event_heads h WHERE h.tenant_id = ANY ($1::uuid[]) ORDER BY 1 FOR UPDATE SKIP LOCKED',
    [tenants],
  );
  if (mine.length === 0) return 0;
  // a statement of its own: its snapshot is younger than the locks, so what others sealed is seen as sealed
  const sealed = await tx.rows<{ count: number }>(SEAL, [mine.map((row) => row.tenant_id)]);
  return sealed.reduce((sum, row) => sum + row.count, 0);
}

const SEAL = `
  WITH next AS (
    SELECT e.tenant_id, e.id, h.seq + row_number() OVER (PARTITION BY e.tenant_id ORDER BY e.id) AS seq
      FROM (SELECT u.tenant_id, u.id FROM flotilla.events u
             WHERE u.seq IS NULL AND u.tenant_id = ANY ($1::uuid[]) ORDER BY u.tenant_id, u.id LIMIT ${AT_ONCE}) e
      JOIN flotilla.event_heads h ON h.tenant_id = e.tenant_id
  ), sealed AS (
    UPDATE flotilla.events e SET seq = next.seq FROM next WHERE e.tenant_id = next.tenant_id AND e.id = next.id
    RETURNING e.tenant_id, e.seq
  ), tops AS (
    SELECT s.tenant_id, max(s.seq) AS seq, count(*) AS count FROM sealed s GROUP BY s.tenant_id
  )
  UPDATE flotilla.event_heads h SET seq = tops.seq FROM tops WHERE h.tenant_id = tops.tenant_id
  RETURNING tops.count, pg_notify('${EVENTS_SEALED_CHANNEL}', h.tenant_id::text)`;
