import { randomUUID } from 'node:crypto';
import type { Db } from '@flotilla/persistence';

export interface BenchFleet {
  readonly tenantId: string;
  /** One per instance. */
  readonly agentIds: readonly string[];
  /** Device ids, `gpusPerInstance` after each other for each instance. */
  readonly deviceIds: readonly number[];
}

/** A tenant with so many instances, each with an agent and so many GPUs, a price and one of ten teams as a tag. */
export function createFleet(db: Db, instances: number, gpusPerInstance: number): Promise<BenchFleet> {
  const tenantId = randomUUID();
  return db.system(async (tx) => {
    await tx.rows(`INSERT INTO flotilla.tenants (tenant_id, name) VALUES ($1, 'bench')`, [tenantId]);
    const agents = await tx.rows<{ id: string }>(
      `INSERT INTO flotilla.agents (tenant_id, hostname) SELECT $1, 'gpu-' || n FROM generate_series(1, $2) n RETURNING id`,
      [tenantId, instances],
    );
    await tx.rows(
      `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, state, gpu_count, hourly_cost, tags, agent_id)
       SELECT $1, 'on_prem', 'i-' || n, 'running', $2, 98.32, jsonb_build_object('team', 'team-' || n % 10), a
       FROM unnest($3::uuid[]) WITH ORDINALITY AS u (a, n)`,
      [tenantId, gpusPerInstance, agents.map((agent) => agent.id)],
    );
    const devices = await tx.rows<{ id: number }>(
      `INSERT INTO flotilla.devices (tenant_id, instance_id, kind, uuid, gpu_index)
       SELECT $1, i.id, 'gpu', 'GPU-' || i.id || '-' || g, g
       FROM flotilla.instances i CROSS JOIN generate_series(0, $2 - 1) g WHERE i.tenant_id = $1 ORDER BY i.id, g RETURNING id`,
      [tenantId, gpusPerInstance],
    );
    await tx.client.query('ANALYZE flotilla.instances, flotilla.devices').catch(() => undefined);
    return { tenantId, agentIds: agents.map((agent) => agent.id), deviceIds: devices.map((device) => device.id) };
  });
}
