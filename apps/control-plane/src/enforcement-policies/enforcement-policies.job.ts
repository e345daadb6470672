import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { Jobs } from '../platform/index.js';

const DAY_MS = 86_400_000;

/** Forgets history: what policies did after thirteen months, what only their schedule or cooldown kept back after one. */
@Injectable()
export class PoliciesJob implements OnModuleInit {
  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.jobs.every({ name: 'policies.forget', everyMs: DAY_MS, exclusive: true, run: () => this.forget() });
  }

  private async forget(): Promise<void> {
    await this.db.system((tx) =>
      tx.rows(
        `DELETE FROM flotilla.policy_runs r
          WHERE r.decided_at < now() - CASE r.kind WHEN 'triggered' THEN interval '13 months' ELSE interval '1 month' END`,
      ),
    );
  }
}
