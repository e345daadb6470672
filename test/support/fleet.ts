import { randomUUID } from 'node:crypto';
import type { AgentRef } from '@flotilla/domain';
import { systemActor } from '@flotilla/persistence';
import type { Actor, Db } from '@flotilla/persistence';

/** A tenant, with what tests of the fleet put in it by SQL: the state that other rooms would have left behind. */
export interface TestTenant {
  readonly tenantId: string;
  readonly actor: Actor;
  agent(options?: {
    connected?: boolean;
    hostname?: string;
    transport?: 'grpc' | 'sync';
    controls?: readonly string[];
  }): Promise<AgentRef>;
  instance(options?: {
    agent?: AgentRef;
    providerId?: string;
    cloudProvider?: string;
    region?: string;
    state?: string;
    protected?: boolean;
  }): Promise<number>;
}

export async function createTenant(db: Db, settings: Record<string, unknown> = {}): Promise<TestTenant> {
  const tenantId = randomUUID();
  const columns = Object.keys(settings);
  await db.system((tx) =>
    tx.rows(
      `INSERT INTO flotilla.tenants (tenant_id, name${columns.map((c) => `, ${c}`).join('')})
       VALUES ($1, 'test'${columns.map((_, i) => `, $${i + 2}`).join('')})`,
      [tenantId, ...Object.values(settings)],
    ),
  );
  return {
    tenantId,
    actor: systemActor(tenantId, 'test'),
    async agent({ connected = true, hostname = 'gpu-1', transport = 'grpc', controls = [] } = {}) {
      const row = await db.system((tx) =>
        tx.row<{ id: string }>(
          `INSERT INTO flotilla.agents (tenant_id, hostname, transport, connected_until, last_seen_at, controls)
           VALUES ($1, $2, $3, CASE WHEN $4 THEN now() + interval '1 hour' END, now(), $5) RETURNING id`,
          [tenantId, hostname, transport, connected, controls],
        ),
      );
      return { tenantId, agentId: row!.id };
    },
    async instance({
      agent,
      providerId = `i-${randomUUID()}`,
      cloudProvider = 'on_prem',
      region,
      state = 'running',
      protected: isProtected = false,
    } = {}) {
      const row = await db.system((tx) =>
        tx.row<{ id: number }>(
          `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, region, state, protected, agent_id)
           VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
          [tenantId, cloudProvider, providerId, region ?? null, state, isProtected, agent?.agentId ?? null],
        ),
      );
      return row!.id;
    },
  };
}
