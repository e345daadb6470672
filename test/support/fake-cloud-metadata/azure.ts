import type { MetadataRules } from './index.js';

const COMPUTE = {
  location: 'westeurope',
  name: 'nd96-3',
  priority: '',
  resourceId:
    '/subscriptions/8d10da13-8125-4ba9-a717-bf7490507b3d/resourceGroups/ml/providers/Microsoft.Compute/virtualMachines/nd96-3',
  storageProfile: {
    dataDisks: [],
    osDisk: { createOption: 'FromImage', diffDiskSettings: { option: null }, diskSizeGB: '128', osType: 'Linux' },
    resourceDisk: { size: '1048576' },
  },
  subscriptionId: '8d10da13-8125-4ba9-a717-bf7490507b3d',
  tagsList: [
    { name: 'team', value: 'ml' },
    { name: 'hidden-link:x', value: 'y' },
  ],
  vmId: '02AAB8A4-74EF-476E-8182-F6D2BA4166A6',
  vmScaleSetName: '',
  vmSize: 'Standard_ND96isr_H100_v5',
  zone: '2',
};

/** Azure's IMDS: `Metadata: true`, a version that it knows, and no forwarded requests. */
export function azureMetadata(compute: object = {}): MetadataRules {
  return (request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    if (request.headers['metadata'] !== 'true') return 'no Metadata: true';
    if (request.headers['x-forwarded-for'] !== undefined) return 'a forwarded request';
    if (url.pathname !== '/metadata/instance') return void response.writeHead(404).end();
    if (!/^20\d\d-\d\d-\d\d$/.test(url.searchParams.get('api-version') ?? '')) return 'no api-version';
    const body = JSON.stringify({ compute: { ...COMPUTE, ...compute }, network: { interface: [] } });
    return void response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  };
}
