import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { PRICE_TABLE_VERSION } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import { Jobs, Log } from '../platform/index.js';
import { instanceFactsStore } from './instance-facts.store.js';

const AT_ONCE = 500;

/** Looks prices up again where the price table is newer than they are, or where a price of the tenant's began or ended. */
@Injectable()
export class InstancesJob implements OnModuleInit {
  private readonly log: Log;

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    log: Log,
  ) {
    this.log = log.child('instances');
  }

  onModuleInit(): void {
    this.jobs.every({
      name: 'instances.list-prices',
      everyMs: 6 * 3_600_000,
      exclusive: true,
      run: () => this.reprice(),
    });
  }

  /** Each chunk in its own transaction, in the order of the ids, so that reports wait for a moment only. */
  private async reprice(): Promise<void> {
    let after = 0;
    let looked = 0;
    for (;;) {
      const last = await this.db.system(async (tx) => {
        const rows = await tx.rows<{ tenant_id: string; id: number }>(OUTDATED, [after, PRICE_TABLE_VERSION, AT_ONCE]);
        for (const row of rows) await instanceFactsStore.apply(tx, row.tenant_id, row.id);
        looked += rows.length;
        return rows.at(-1)?.id ?? null;
      });
      if (last === null) break;
      after = last;
    }
    if (looked > 0) this.log.info({ looked, table: PRICE_TABLE_VERSION }, 'prices were looked up in the price table');
  }
}

const OUTDATED = `
  SELECT i.tenant_id, i.id FROM flotilla.instances i
   WHERE i.id > $1 AND i.instance_type IS NOT NULL AND i.state <> 'terminated'
     AND (
       (i.region IS NOT NULL AND NOT EXISTS (
         SELECT FROM flotilla.instance_facts f
          WHERE f.tenant_id = i.tenant_id AND f.instance_id = i.id AND f.fact = 'hourly_cost' AND f.source = 'price_table'
            AND f.value->>'table' = $2))
       OR EXISTS (
         SELECT FROM flotilla.prices p
          WHERE p.tenant_id = i.tenant_id AND p.kind = 'instance' AND p.provider = i.cloud_provider
            AND p.instance_type = i.instance_type
            AND (p.valid_from >= current_date - 1 AND p.valid_from <= current_date
              OR p.valid_to >= current_date - 2 AND p.valid_to < current_date)))
   ORDER BY i.id LIMIT $3 FOR UPDATE OF i`;
