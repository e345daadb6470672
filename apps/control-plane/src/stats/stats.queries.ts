import { Injectable } from '@nestjs/common';
import { ACTION_STATES, INSTANCE_STATES } from '@flotilla/contracts';
import type { Stats } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';

interface Counted {
  readonly name: string;
  readonly count: number;
}

@Injectable()
export class StatsQueries {
  constructor(private readonly db: Db) {}

  get(actor: TenantRef): Promise<z.input<typeof Stats>> {
    return this.db.read(actor, async (tx) => {
      const values = [actor.tenantId];
      const actions = await tx.rows<Counted & Record<string, unknown>>(
        'SELECT a.status AS name, count(*) AS count FROM flotilla.actions a WHERE a.tenant_id = $1 AND NOT a.dry_run GROUP BY a.status',
        values,
      );
      const instances = await tx.rows<Counted & Record<string, unknown>>(
        'SELECT i.state AS name, count(*) AS count FROM flotilla.instances i WHERE i.tenant_id = $1 GROUP BY i.state',
        values,
      );
      const gpus = await tx.row<{ total: number; missing: number; unhealthy: number }>(
        `SELECT count(*) AS total, count(*) FILTER (WHERE d.presence = 'missing') AS missing,
                count(*) FILTER (WHERE d.health IN ('degraded', 'unhealthy')) AS unhealthy
           FROM flotilla.devices d WHERE d.tenant_id = $1 AND d.kind = 'gpu'`,
        values,
      );
      const agents = await tx.row<{ total: number; connected: number }>(
        `SELECT count(*) AS total, count(*) FILTER (WHERE a.connected_until > clock_timestamp()) AS connected
           FROM flotilla.agents a WHERE a.tenant_id = $1 AND a.status = 'enrolled'`,
        values,
      );
      return {
        actions: counts(ACTION_STATES, actions),
        resources: { instances: counts(INSTANCE_STATES, instances), gpus: gpus!, agents: agents! },
      };
    });
  }
}

function counts(names: readonly string[], rows: readonly Counted[]): Record<string, number> {
  const found = new Map(rows.map((row) => [row.name, row.count]));
  const total = rows.reduce((sum, row) => sum + row.count, 0);
  return { ...Object.fromEntries(names.map((name) => [name, found.get(name) ?? 0])), total };
}
