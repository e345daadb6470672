import { lastPart, MetadataError } from './cloud-identity.js';
import type { AskCloud } from './cloud-identity.js';

const FLAVOR = { 'metadata-flavor': 'Google' };
const BASE = '/computeMetadata/v1';

/**
 * Google Cloud. Each value is asked for by itself: everything at once would bring attributes with it (start-up scripts,
 * SSH keys) that are none of the agent's business. Labels are not in the metadata; a controller of the cloud has them.
 */
export const askGcp: AskCloud = async (ask) => {
  const get = async (path: string): Promise<string | undefined> => {
    const answer = await ask(`${BASE}/${path}`, FLAVOR);
    // something else may answer on that address: only Google's own service says so
    if (answer.status === 200 && answer.header('metadata-flavor') !== 'Google') {
      throw new MetadataError('What answers at the metadata address is not the service of Google Cloud.');
    }
    return answer.status === 200 && answer.text !== '' ? answer.text : undefined;
  };
  const [id, name, machine, zonePath, preemptible, model, project, creator, disks] = await Promise.all([
    get('instance/id'),
    get('instance/name'),
    get('instance/machine-type'),
    get('instance/zone'),
    get('instance/scheduling/preemptible'),
    get('instance/scheduling/provisioning-model'),
    get('project/project-id'),
    get('instance/attributes/created-by'),
    get('instance/disks/?recursive=true'),
  ]);
  if (id === undefined || !/^\d{1,20}$/.test(id)) {
    throw new MetadataError('The metadata service of Google Cloud gave no instance id.');
  }
  const zone = zonePath === undefined ? undefined : lastPart(zonePath);
  const isSpot = preemptible?.toUpperCase() === 'TRUE' || model?.toUpperCase() === 'SPOT';
  const localDisks = localDisksOf(disks);
  const group = creator?.includes('/instanceGroupManagers/') ? lastPart(creator) : undefined;
  return {
    cloud: 'gcp',
    instanceId: id,
    ...(name === undefined ? {} : { name }),
    ...(machine === undefined ? {} : { instanceType: lastPart(machine) }),
    ...(zone === undefined ? {} : { zone, region: zone.replace(/-[a-z]$/, '') }),
    ...(project === undefined ? {} : { account: project }),
    ...(isSpot ? { lifecycle: 'spot' } : preemptible === undefined ? {} : { lifecycle: lifecycleOf(model) }),
    ...(group === undefined ? {} : { autoScalingGroup: group }),
    ...(localDisks === undefined ? {} : { localDisks }),
    ...(name === undefined || zone === undefined || project === undefined
      ? {}
      : { resourceId: `//compute.googleapis.com/projects/${project}/zones/${zone}/instances/${name}` }),
  };
};

const lifecycleOf = (model: string | undefined) =>
  model?.toUpperCase().startsWith('RESERV') ? 'reserved' : 'on_demand';

/** A local SSD loses what is on it when the machine stops; every kind of persistent disk keeps it. */
function localDisksOf(text: string | undefined): 'none' | 'erased' | undefined {
  const kinds = kindsOf(text);
  if (kinds.some((kind) => kind === 'LOCAL-SSD' || kind === 'SCRATCH')) return 'erased';
  // every machine boots from a disk, so an empty list is no list; nor is a kind of tomorrow known to keep anything
  const isKnown = (kind: string) => kind.startsWith('PERSISTENT') || kind.startsWith('HYPERDISK');
  return kinds.length > 0 && kinds.every(isKnown) ? 'none' : undefined;
}

function kindsOf(text: string | undefined): string[] {
  try {
    const disks: unknown = JSON.parse(text ?? '');
    if (!Array.isArray(disks)) return [];
    return disks.map((disk: unknown) => String((disk as { type?: unknown } | null)?.type ?? '').toUpperCase());
  } catch {
    return [];
  }
}
