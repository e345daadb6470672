import type { InstanceElement } from '@flotilla/contracts';
import type { AgentRef, FactName } from '@flotilla/domain';
import type { WriteTx } from '@flotilla/persistence';
import { instanceFactsStore } from './instance-facts.store.js';

/** What a cloud's metadata may say; what it does not say any more is taken back. */
const CLOUD_FACTS = [
  'name',
  'region',
  'instance_type',
  'zone',
  'account',
  'lifecycle',
  'auto_scaling_group',
  'resource_id',
  'local_disks',
  'tags',
] as const satisfies readonly FactName[];

/**
 * Keeps what an agent says of an instance under its source, and apart from it what the cloud told that agent.
 *
 * @returns whether anything of it is new
 */
export async function keepFacts(
  tx: WriteTx,
  { tenantId, agentId }: AgentRef,
  instanceId: number,
  source: 'cloud' | 'agent',
  element: InstanceElement,
): Promise<boolean> {
  const cloud = element.cloud;
  const told =
    cloud !== undefined &&
    (await instanceFactsStore.put(
      tx,
      tenantId,
      instanceId,
      'cloud',
      agentId,
      Object.fromEntries(CLOUD_FACTS.map((fact) => [fact, cloud[fact] ?? null])),
    ));
  const said = await instanceFactsStore.put(tx, tenantId, instanceId, source, agentId, {
    name: element.name,
    region: element.region,
    instance_type: element.instance_type,
    gpu_type: element.gpu_type,
    gpu_count: element.gpu_count,
    tags: element.tags,
    hourly_cost:
      element.hourly_cost === undefined
        ? undefined
        : { amount: element.hourly_cost, currency: element.currency ?? 'USD' },
    // once protected by a source, only an admin takes it back
    protected: element.protected === true ? true : undefined,
    zone: element.zone,
    account: element.account,
    lifecycle: element.lifecycle,
    auto_scaling_group: element.auto_scaling_group,
    resource_id: element.resource_id,
    local_disks: element.local_disks,
    kubernetes_node: element.kubernetes_node,
    slurm_node: element.slurm_node,
    slurm_cluster: element.slurm_cluster,
  });
  return told || said;
}
