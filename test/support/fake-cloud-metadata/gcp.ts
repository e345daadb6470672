import type { MetadataRules } from './index.js';

const VALUES: Readonly<Record<string, string>> = {
  // larger than a double holds exactly
  'instance/id': '8013469284738291043',
  'instance/name': 'trainer-7',
  'instance/machine-type': 'projects/123456789/machineTypes/a3-highgpu-8g',
  'instance/zone': 'projects/123456789/zones/us-central1-a',
  'instance/scheduling/preemptible': 'FALSE',
  'project/project-id': 'ml-platform',
  'instance/disks/?recursive=true': JSON.stringify([
    { deviceName: 'boot', index: 0, interface: 'SCSI', mode: 'READ_WRITE', type: 'PERSISTENT-BALANCED' },
    { deviceName: 'local-ssd-0', index: 1, interface: 'NVME', mode: 'READ_WRITE', type: 'LOCAL-SSD' },
  ]),
};
const ALLOWED = [...Object.keys(VALUES), 'instance/scheduling/provisioning-model', 'instance/attributes/created-by'];

/** Google's metadata server: no answer without its flavour, its flavour on every answer; nobody needs start-up scripts. */
export function gcpMetadata(more: Readonly<Record<string, string>> = {}): MetadataRules {
  const values = { ...VALUES, ...more };
  return (request, response) => {
    if (request.headers['metadata-flavor'] !== 'Google') {
      response.writeHead(403).end('Missing Metadata-Flavor:Google header.');
      return 'no Metadata-Flavor: Google';
    }
    if (request.headers['x-forwarded-for'] !== undefined) return 'a forwarded request';
    const path = (request.url ?? '').replace('/computeMetadata/v1/', '');
    if (!ALLOWED.includes(path)) return 'nothing that an agent needs';
    const text = values[path];
    return void response.writeHead(text === undefined ? 404 : 200, { 'metadata-flavor': 'Google' }).end(text ?? '');
  };
}
