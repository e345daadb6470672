import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { Jobs } from '../platform/index.js';

const LOOK_MS = 5_000;
/** A stream that is cut and comes back within this time is no news. */
const SILENT_AFTER_S = 60;
/** An agent that calls POST /sync has no lease, and often calls every few minutes only. */
const SYNC_SILENT_AFTER_S = 900;

/** Notices agents that are not heard any more, and those that are heard again; their rows tell it as events. */
@Injectable()
export class AgentsJob implements OnModuleInit {
  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.jobs.every({ name: 'agents.silence', everyMs: LOOK_MS, exclusive: true, run: () => this.look() });
  }

  private async look(): Promise<void> {
    await this.db.system(async (tx) => {
      await tx.rows(
        `UPDATE flotilla.agents a SET silent_since = coalesce(${HEARD_UNTIL}, a.enrolled_at)
          WHERE a.silent_since IS NULL AND a.status = 'enrolled' AND coalesce(${HEARD_UNTIL}, a.enrolled_at) < now() - ${PATIENCE}`,
      );
      await tx.rows(
        `UPDATE flotilla.agents a SET silent_since = NULL
          WHERE a.silent_since IS NOT NULL AND a.status = 'enrolled' AND ${HEARD_UNTIL} >= now() - ${PATIENCE}
            AND ${HEARD_UNTIL} > a.silent_since`,
      );
    });
  }
}

const HEARD_UNTIL = `CASE a.transport WHEN 'sync' THEN a.last_seen_at ELSE coalesce(a.connected_until, a.disconnected_at, a.last_seen_at) END`;
const PATIENCE = `CASE a.transport WHEN 'sync' THEN interval '${SYNC_SILENT_AFTER_S} seconds' ELSE interval '${SILENT_AFTER_S} seconds' END`;
