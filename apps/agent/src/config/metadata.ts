import type { CollectorOptions } from '../collectors/collector.js';
import { METADATA_CLOUDS } from './schema.js';
import type { FileSettings } from './schema.js';
import type { Environment } from './settings.js';

/** How the machine finds out who it is: the environment wins over the file. Faults are added to `wrong`. */
export function metadataSettings(
  file: FileSettings,
  env: Environment,
  wrong: string[],
): NonNullable<CollectorOptions['metadata']> {
  const named = env['FLOTILLA_METADATA_CLOUD'] || file.metadata.cloud;
  const cloud = METADATA_CLOUDS.find((one) => one === named);
  if (!cloud) wrong.push(`FLOTILLA_METADATA_CLOUD ${named}: must be one of ${METADATA_CLOUDS.join(', ')}`);
  const fromEnv = env['FLOTILLA_METADATA_ADDRESS'];
  const address = fromEnv || (file.metadata.address ?? null);
  if (address !== null && !isPlainHttp(address)) {
    const from = fromEnv ? 'FLOTILLA_METADATA_ADDRESS' : 'metadata.address';
    wrong.push(`${from} ${address}: must be an http address without a path, for example http://169.254.169.254`);
  }
  return {
    cloud: cloud ?? 'none',
    address,
    kubernetesNode: env['FLOTILLA_NODE_NAME'] || (file.metadata.kubernetes_node ?? null),
    slurmNode: env['SLURMD_NODENAME'] || (file.metadata.slurm_node ?? null),
  };
}

function isPlainHttp(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname, search } = new URL(text);
  return protocol === 'http:' && pathname === '/' && search === '';
}
