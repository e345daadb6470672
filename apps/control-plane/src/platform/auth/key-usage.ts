import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { Jobs } from '../jobs/jobs.js';

/** Last use of API keys, written together every half minute instead of once a request. */
@Injectable()
export class KeyUsage implements OnModuleInit, OnApplicationShutdown {
  private used = new Map<string, number>();

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.jobs.every({ name: 'auth.key-usage', everyMs: 30_000, exclusive: false, run: () => this.flush() });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.flush().catch(() => undefined);
  }

  note(keyId: string): void {
    this.used.set(keyId, Date.now());
  }

  async flush(): Promise<void> {
    if (this.used.size === 0) return;
    const batch = this.used;
    this.used = new Map();
    try {
      await this.db.system((tx) =>
        tx.rows(
          `UPDATE flotilla.api_keys k SET last_used_at = greatest(k.last_used_at, to_timestamp(n.at / 1000.0))
             FROM unnest($1::text[], $2::double precision[]) AS n (id, at) WHERE k.id = n.id`,
          [[...batch.keys()], [...batch.values()]],
        ),
      );
    } catch (error) {
      for (const [id, at] of batch) if (!this.used.has(id)) this.used.set(id, at);
      throw error;
    }
  }
}
