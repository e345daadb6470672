import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { Jobs } from '../platform/index.js';

const KEPT = '30 days';

/** Forgets errors of agents that nobody looks at any more. */
@Injectable()
export class ErrorsRetention implements OnModuleInit {
  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.jobs.every({ name: 'sync.forget-errors', everyMs: 3_600_000, exclusive: true, run: () => this.forget() });
  }

  private async forget(): Promise<void> {
    await this.db.system((tx) =>
      tx.rows(`DELETE FROM flotilla.agent_errors e WHERE e.received_at < now() - interval '${KEPT}'`),
    );
  }
}
