import { hostname } from 'node:os';
import type { CollectorOptions, DeviceFacts, InstanceFacts } from '../collector.js';
import type { CloudIdentity } from './cloud/cloud-identity.js';
import type { Firmware } from './dmi.js';
import type { SlowFacts } from './slow-facts.js';
import type { SlurmNode } from './slurm-node.js';

/** Everything that was found out about the machine so far. */
export interface Findings {
  /** The id that this machine has without any provider. */
  readonly hostId: string;
  readonly slow: SlowFacts | null;
  readonly gpus: readonly DeviceFacts[] | null;
  readonly firmware?: Firmware;
  readonly cloud?: CloudIdentity | null;
  readonly kubernetesNode?: string | null;
  readonly slurm?: SlurmNode | null;
}

type Fixed = CollectorOptions['instance'];

/**
 * The machine as an element of the `instances` section. What the operator fixed wins; what nobody knows is left out, and
 * `gpu_count` is 0 only where the PCI bus was read and holds no GPU.
 *
 * What the cloud said stands apart under `cloud`, without what the operator fixed: there the cloud has no say.
 */
export function instanceFacts(fixed: Fixed, findings: Findings): InstanceFacts {
  const { hostId, slow, gpus, firmware, cloud, kubernetesNode, slurm } = findings;
  const instanceId = fixed.instanceId ?? cloud?.instanceId ?? firmware?.instanceId ?? hostId;
  const provider = fixed.cloudProvider ?? cloud?.cloud ?? firmware?.provider ?? 'on_prem';
  // in a cloud the model of the made-up machine says nothing
  const ownType = provider === 'on_prem' ? slow?.machineModel : firmware?.instanceType;
  const gpuCount = gpus && gpus.length > 0 ? gpus.length : slow?.nvidiaDevices;
  const isProvisional = fixed.instanceId === undefined && (instanceId !== hostId || provider !== 'on_prem');
  return {
    instance_id: instanceId,
    cloud_provider: provider,
    state: 'running',
    name: fixed.name ?? hostname(),
    ...known({
      region: fixed.region,
      instance_type: fixed.instanceType ?? ownType,
      gpu_type: commonModel(gpus ?? []),
      gpu_count: gpuCount,
      hourly_cost: fixed.hourlyCost,
      currency: fixed.currency,
      tags: fixed.tags,
      kubernetes_node: kubernetesNode ?? undefined,
      slurm_node: slurm?.node,
      slurm_cluster: slurm?.cluster,
      provisional_id: isProvisional ? hostId : undefined,
      cloud: cloud ? cloudWord(fixed, cloud) : undefined,
    }),
  };
}

function cloudWord(fixed: Fixed, cloud: CloudIdentity): Readonly<Record<string, unknown>> {
  const tags = Object.entries(cloud.tags ?? {}).filter(([key]) => fixed.tags?.[key] === undefined);
  return known({
    name: fixed.name === undefined ? cloud.name : undefined,
    region: fixed.region === undefined ? cloud.region : undefined,
    instance_type: fixed.instanceType === undefined ? cloud.instanceType : undefined,
    zone: cloud.zone,
    account: cloud.account,
    lifecycle: cloud.lifecycle,
    auto_scaling_group: cloud.autoScalingGroup,
    resource_id: cloud.resourceId,
    local_disks: cloud.localDisks,
    tags: tags.length > 0 ? Object.fromEntries(tags) : undefined,
  });
}

const known = (facts: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));

/** The model that most of the GPUs are; of equals the first. */
function commonModel(gpus: readonly DeviceFacts[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { model } of gpus) if (model !== undefined) counts.set(model, (counts.get(model) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
