import { boundedTags, MetadataError } from './cloud-identity.js';
import type { AskCloud } from './cloud-identity.js';

const PATH = '/metadata/instance?api-version=2021-02-01&format=json';

/** Azure: one document. A machine is known by its vmId; bills name it by its resource id, which is kept beside. */
export const askAzure: AskCloud = async (ask) => {
  const { status, text } = await ask(PATH, { metadata: 'true' });
  const compute = status === 200 ? computeOf(text) : {};
  const word = (key: string): string | undefined => {
    const value = compute[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const instanceId = word('vmId')?.toLowerCase();
  if (instanceId === undefined || !/^[0-9a-f-]{36}$/.test(instanceId)) {
    throw new MetadataError(`The metadata service of Azure gave no vmId (status ${status}).`);
  }
  const tags = boundedTags(tagsOf(compute['tagsList']));
  const region = word('location');
  const zone = word('zone');
  const facts = {
    name: word('name'),
    instanceType: word('vmSize'),
    region,
    // a zone is a number of its region; without one the machine stands in no particular zone
    zone: region !== undefined && zone !== undefined ? `${region}-${zone}` : undefined,
    account: word('subscriptionId'),
    autoScalingGroup: word('vmScaleSetName'),
    resourceId: word('resourceId'),
  };
  const said = Object.entries(facts).filter(([, value]) => value !== undefined);
  const lifecycle = { Spot: 'spot', Low: 'spot', Regular: 'on_demand', '': 'on_demand' }[String(compute['priority'])];
  return {
    cloud: 'azure',
    instanceId,
    ...(Object.fromEntries(said) as Partial<typeof facts> as Record<string, string>),
    ...(lifecycle === undefined ? {} : { lifecycle: lifecycle as 'spot' | 'on_demand' }),
    ...(hasLocalDisk(compute['storageProfile']) ? { localDisks: 'erased' as const } : {}),
    ...(tags ? { tags } : {}),
  };
};

function computeOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const document = JSON.parse(text) as { compute?: unknown } | null;
    const compute = document?.compute;
    return typeof compute === 'object' && compute !== null ? (compute as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/**
 * A temporary disk, or a boot disk that lies on the host itself: both are gone when the machine is deallocated. That none is
 * told of proves nothing, because disks on NVMe are not listed.
 */
function hasLocalDisk(profile: unknown): boolean {
  const { resourceDisk, osDisk } = (profile ?? {}) as {
    resourceDisk?: { size?: unknown } | null;
    osDisk?: { diffDiskSettings?: { option?: unknown } | null } | null;
  };
  return Number(resourceDisk?.size ?? 0) > 0 || osDisk?.diffDiskSettings?.option === 'Local';
}

function tagsOf(list: unknown): [string, string][] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown): [string, string][] => {
    const { name, value } = (one ?? {}) as { name?: unknown; value?: unknown };
    return typeof name === 'string' && typeof value === 'string' ? [[name, value]] : [];
  });
}
