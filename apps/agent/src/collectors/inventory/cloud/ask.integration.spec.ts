/** Clouds that answer by their own rules on loopback. */
import {
  awsMetadata,
  azureMetadata,
  FakeMetadata,
  gcpMetadata,
} from '../../../../../../test/support/fake-cloud-metadata/index.js';
import type { MetadataRules } from '../../../../../../test/support/fake-cloud-metadata/index.js';
import { askCloud } from './ask.js';

const running: FakeMetadata[] = [];
afterEach(() => {
  for (const fake of running.splice(0)) fake.stop();
});
const service = async (rules: MetadataRules) => {
  const fake = await FakeMetadata.start(rules);
  running.push(fake);
  return fake;
};

describe('a metadata service', () => {
  it('of AWS is asked by version 2 only, and tells everything', async () => {
    const tags = { Name: 'trainer 3', 'team/cost center': 'ml & co', 'aws:autoscaling:groupName': 'trainers' };
    const fake = await service(awsMetadata({ lifecycle: 'spot', tags, inAutoScalingGroup: true }));
    expect(await askCloud('aws', fake.address)).toEqual({
      cloud: 'aws',
      instanceId: 'i-0fedcba9876543210',
      name: 'trainer 3',
      instanceType: 'p5.48xlarge',
      region: 'us-east-1',
      zone: 'us-east-1b',
      account: '123456789012',
      lifecycle: 'spot',
      autoScalingGroup: 'trainers',
      resourceId: 'arn:aws:ec2:us-east-1:123456789012:instance/i-0fedcba9876543210',
      tags: { Name: 'trainer 3', 'team/cost center': 'ml & co' },
    });
    expect(fake.broken).toEqual([]);
    expect(fake.requests.filter((line) => line.startsWith('PUT'))).toHaveLength(1);
  });

  it.each([
    ['where tags are not allowed', { tags: null }, { tags: undefined, autoScalingGroup: undefined }],
    [
      'in a group whose name nobody may see',
      { tags: null, inAutoScalingGroup: true },
      { autoScalingGroup: 'auto-scaling' },
    ],
    ['of a capacity block', { lifecycle: 'capacity-block' }, { lifecycle: 'reserved' }],
    ['paid for in a way of tomorrow', { lifecycle: 'lunar' }, { lifecycle: undefined }],
  ])('of AWS %s says what it may', async (_, machine, expected) => {
    const fake = await service(awsMetadata(machine));
    const identity = await askCloud('aws', fake.address);
    expect({ ...identity, ...expected }).toEqual(identity);
    expect(fake.broken).toEqual([]);
  });

  it('of Google is asked for what is needed and nothing else', async () => {
    const creator = 'projects/1/zones/us-central1-a/instanceGroupManagers/workers';
    const fake = await service(gcpMetadata({ 'instance/attributes/created-by': creator }));
    expect(await askCloud('gcp', fake.address)).toEqual({
      cloud: 'gcp',
      instanceId: '8013469284738291043',
      name: 'trainer-7',
      instanceType: 'a3-highgpu-8g',
      region: 'us-central1',
      zone: 'us-central1-a',
      account: 'ml-platform',
      lifecycle: 'on_demand',
      autoScalingGroup: 'workers',
      localDisks: 'erased',
      resourceId: '//compute.googleapis.com/projects/ml-platform/zones/us-central1-a/instances/trainer-7',
    });
    expect(fake.broken).toEqual([]);
    const spot = await service(gcpMetadata({ 'instance/scheduling/preemptible': 'TRUE' }));
    expect(await askCloud('gcp', spot.address)).toMatchObject({ lifecycle: 'spot' });
  });

  it('of Azure is asked by one document', async () => {
    const fake = await service(azureMetadata({ priority: 'Spot', vmScaleSetName: 'workers' }));
    expect(await askCloud('azure', fake.address)).toEqual({
      cloud: 'azure',
      instanceId: '02aab8a4-74ef-476e-8182-f6d2ba4166a6',
      name: 'nd96-3',
      instanceType: 'Standard_ND96isr_H100_v5',
      region: 'westeurope',
      zone: 'westeurope-2',
      account: '8d10da13-8125-4ba9-a717-bf7490507b3d',
      lifecycle: 'spot',
      autoScalingGroup: 'workers',
      localDisks: 'erased',
      resourceId: expect.stringContaining('/virtualMachines/nd96-3'),
      tags: { team: 'ml', 'hidden-link:x': 'y' },
    });
    expect(fake.broken).toEqual([]);
    expect(fake.requests).toHaveLength(1);
  });

  const disk = (type: string) => ({ deviceName: 'd', index: 0, interface: 'NVME', mode: 'READ_WRITE', type });
  it.each([
    ['persistent ones of all kinds', [disk('PERSISTENT-SSD'), disk('HYPERDISK-BALANCED')], 'none'],
    ['one that is erased', [disk('PERSISTENT-SSD'), disk('LOCAL-SSD')], 'erased'],
    ['one of a kind of tomorrow', [disk('PERSISTENT-SSD'), disk('LUNAR')], undefined],
    ['none at all', [], undefined],
    ['something else than a list', {}, undefined],
  ])('of Google tells of disks: %s', async (_, disks, expected) => {
    const fake = await service(gcpMetadata({ 'instance/disks/?recursive=true': JSON.stringify(disks) }));
    expect((await askCloud('gcp', fake.address)).localDisks).toBe(expected);
  });

  it.each([
    ['a temporary disk', { resourceDisk: { size: '34816' } }, 'erased'],
    [
      'a boot disk on the host',
      { resourceDisk: { size: '0' }, osDisk: { diffDiskSettings: { option: 'Local' } } },
      'erased',
    ],
    // those on NVMe are not listed
    ['no temporary disk', { resourceDisk: { size: '0' }, osDisk: { diffDiskSettings: null } }, undefined],
    ['nothing', null, undefined],
  ])('of Azure tells of disks: %s', async (_, storageProfile, expected) => {
    const fake = await service(azureMetadata({ storageProfile }));
    expect((await askCloud('azure', fake.address)).localDisks).toBe(expected);
  });

  it.each(['aws', 'gcp', 'azure'] as const)(
    'of %s that says nothing is given up after a second, and the fault says what mends it',
    async (cloud) => {
      const fake = await service(() => undefined);
      fake.silent = true;
      const from = performance.now();
      await expect(askCloud(cloud, fake.address)).rejects.toThrow(
        cloud === 'aws' ? /hop-limit 2/ : /did not answer within 1 s/,
      );
      expect(performance.now() - from).toBeLessThan(8_000);
    },
  );

  it.each([
    [
      'refuses',
      (_: unknown, response: { writeHead(n: number): { end(): void } }) => void response.writeHead(403).end(),
    ],
    [
      'talks nonsense',
      (_: unknown, response: { end(text: string): void }) => void response.end('<html>captive portal</html>'),
    ],
    [
      'talks without end',
      (_: unknown, response: { end(text: string): void }) => void response.end('x'.repeat(300_000)),
    ],
  ])('that %s is a fault in words, for each cloud', async (_, rules) => {
    const fake = await service(rules as unknown as MetadataRules);
    for (const cloud of ['aws', 'gcp', 'azure'] as const) {
      await expect(askCloud(cloud, fake.address)).rejects.toThrow(/[a-z].*\.$/s);
    }
  });
});
