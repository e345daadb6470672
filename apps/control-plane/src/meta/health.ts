import { Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { Db } from '@flotilla/persistence';

const DATABASE_ANSWERS_WITHIN_MS = 2_000;

/** Whether this replica can serve. */
@Injectable()
export class Health implements BeforeApplicationShutdown {
  private stopping = false;

  constructor(private readonly db: Db) {}

  /** From here on the load balancer is told to look elsewhere. */
  beforeApplicationShutdown(): void {
    this.stopping = true;
  }

  async checks(): Promise<Record<string, 'up' | 'down' | 'stopping'>> {
    return {
      database: (await this.databaseAnswers()) ? 'up' : 'down',
      ...(this.stopping && { process: 'stopping' as const }),
    };
  }

  async databaseAnswers(): Promise<boolean> {
    let limit: NodeJS.Timeout | undefined;
    const tooLate = new Promise<false>(
      (resolve) => (limit = setTimeout(() => resolve(false), DATABASE_ANSWERS_WITHIN_MS)),
    );
    const asked = this.db
      .read({ tenantId: '' }, (tx) => tx.row('SELECT 1 AS one'))
      .then(
        () => true,
        () => false,
      );
    try {
      return await Promise.race([asked, tooLate]);
    } finally {
      clearTimeout(limit);
    }
  }
}
