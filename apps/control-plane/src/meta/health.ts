import { Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { Db } from '@flotilla/persistence';

const DATABASE_ANSWERS_WITHIN_MS = 2_000;

type Checks = Record<string, 'up' | 'down' | 'stopping'>;

export interface Readiness {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly status: 'ready' | 'not_ready'; readonly checks: Checks };
}

/** Whether this replica can serve. */
@Injectable()
export class Health implements BeforeApplicationShutdown {
  private stopping = false;

  constructor(private readonly db: Db) {}

  /** From here on the load balancer is told to look elsewhere. */
  beforeApplicationShutdown(): void {
    this.stopping = true;
  }

  /** Whether requests may come here, and with which HTTP status and headers that is said. */
  async readiness(): Promise<Readiness> {
    const isUp = await this.databaseAnswers();
    const checks: Checks = { database: isUp ? 'up' : 'down', ...(this.stopping && { process: 'stopping' }) };
    const isReady = isUp && !this.stopping;
    const body = { status: isReady ? 'ready' : 'not_ready', checks } as const;
    return isReady ? { status: 200, headers: {}, body } : { status: 503, headers: { 'Retry-After': '5' }, body };
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
