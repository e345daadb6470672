/** Who the machine is, asked of clouds that answer by their own rules on loopback, and of files of a made-up root. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { awsMetadata, FakeMetadata, gcpMetadata } from '../../../../../test/support/fake-cloud-metadata/index.js';
import type { MetadataRules } from '../../../../../test/support/fake-cloud-metadata/index.js';
import { ManualClock } from '../../../../../test/support/manual-clock.js';
import type { CollectorOptions, InstanceFacts, Sink } from '../collector.js';
import { readFirmware } from './dmi.js';
import { kubernetesNode } from './kubernetes-node.js';
import { MachineCollector } from './machine.collector.js';
import { slurmNode } from './slurm-node.js';

let folder: string;
const running: (FakeMetadata | MachineCollector)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-whoami-'));
  mkdirSync(join(folder, 'state'));
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
  rmSync(folder, { recursive: true, force: true });
});

function root(files: Record<string, string>): string {
  for (const [path, text] of Object.entries({ 'etc/machine-id': '3d1219c7c4c5404aaa1f6d2a48adfda4', ...files })) {
    mkdirSync(dirname(join(folder, 'root', path)), { recursive: true });
    writeFileSync(join(folder, 'root', path), `${text}\n`);
  }
  return `${join(folder, 'root')}/`;
}
const service = async (rules: MetadataRules) => {
  const fake = await FakeMetadata.start(rules);
  running.push(fake);
  return fake;
};
const dmi = (fields: Record<string, string>) =>
  Object.fromEntries(Object.entries(fields).map(([name, text]) => [`sys/class/dmi/id/${name}`, text]));
const NITRO = dmi({ sys_vendor: 'Amazon EC2', product_name: 'p5.48xlarge', board_asset_tag: 'i-0fedcba9876543210' });
const XEN = dmi({ sys_vendor: 'Xen', product_name: 'HVM domU', bios_version: '4.11.amazon' });

describe('the firmware', () => {
  it.each([
    [
      'a Nitro machine, its id and type included',
      NITRO,
      { cloud: 'aws', instanceId: 'i-0fedcba9876543210', instanceType: 'p5.48xlarge' },
    ],
    ['an older machine of AWS', XEN, { cloud: 'aws', provider: 'aws' }],
    ['a machine of Google', dmi({ sys_vendor: 'Google', product_name: 'Google Compute Engine' }), { cloud: 'gcp' }],
    [
      'a machine of Azure',
      dmi({ sys_vendor: 'Microsoft Corporation', chassis_asset_tag: '7783-7084-3265-9085-8269-3286-77' }),
      { cloud: 'azure' },
    ],
    [
      'Hyper-V at home',
      dmi({ sys_vendor: 'Microsoft Corporation', product_name: 'Virtual Machine' }),
      { cloud: null, provider: null },
    ],
    ['a machine of Oracle', dmi({ chassis_asset_tag: 'OracleCloud.com' }), { cloud: null, provider: 'oci' }],
    [
      'a machine of one’s own',
      dmi({ sys_vendor: 'Dell Inc.', product_name: 'PowerEdge XE9680' }),
      { cloud: null, provider: null },
    ],
    ['a container without one', {}, { cloud: null, provider: null }],
  ])('tells %s', (_, files, expected) => {
    expect(readFirmware(root(files))).toMatchObject(expected);
  });
});

describe('the schedulers', () => {
  it('Slurm: by its lists, or as slurmd was told', () => {
    const own = hostname().split('.')[0] ?? '';
    const conf = `ClusterName=hall-2 # the second\nNodeName=DEFAULT CPUs=4\nNodeName=a[1-2],node9 \\\n  NodeHostname=x[1-2],${own} Gres=gpu:8\n`;
    expect(slurmNode(hostname(), null, root({ 'etc/slurm/slurm.conf': conf }))).toEqual({
      node: 'node9',
      cluster: 'hall-2',
    });
    expect(slurmNode('x2.example.com', null, root({}))).toEqual({ node: 'a2', cluster: 'hall-2' });
    expect(slurmNode('elsewhere', null, root({}))).toBeNull();
    expect(slurmNode('elsewhere', 'told', root({}))).toEqual({ node: 'told', cluster: 'hall-2' });
    expect(slurmNode(hostname(), null, `${folder}/nothing/`)).toBeNull();
  });

  it('Kubernetes: by what the pod was told, or by the kubelet’s own name', () => {
    const kubelet = root({
      'etc/kubernetes/kubelet.conf': 'users:\n- name: system:node:gpu-7.example.com\n  user: {}',
    });
    expect(kubernetesNode('pod-told', kubelet)).toBe('pod-told');
    expect(kubernetesNode(null, kubelet)).toBe('gpu-7.example.com');
    expect(kubernetesNode(null, `${folder}/nothing/`)).toBeNull();
  });
});

describe('the machine that asks its cloud', () => {
  const auto = { cloud: 'auto', address: null, kubernetesNode: null, slurmNode: null } as const;
  function machine(files: Record<string, string>, metadata: CollectorOptions['metadata'], instance = {}) {
    const seen: InstanceFacts[] = [];
    const states: [string, string][] = [];
    const clock = new ManualClock();
    const sink: Sink = {
      sample() {},
      processes() {},
      event() {},
      signals() {},
      xid() {},
      inventory: (_, facts) => void (facts && seen.push(facts)),
      state: (_, condition, message) => void states.push([condition, message]),
    };
    const collector = new MachineCollector({
      instance,
      stateDir: join(folder, 'state'),
      root: root(files),
      ...(metadata && { metadata }),
    });
    running.push(collector);
    const begun = performance.now();
    collector.start(sink, clock);
    return { seen, states, clock, collector, startMs: performance.now() - begun };
  }
  const until = async (what: () => unknown) => {
    for (let n = 0; n < 500 && !what(); n++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(what()).toBeTruthy();
  };

  it('names itself by it, apart from its own word, and never names itself otherwise before', async () => {
    const fake = await service(awsMetadata({ tags: { team: 'ml' } }));
    const { seen, states, startMs } = machine(XEN, { ...auto, address: fake.address });
    expect(startMs).toBeLessThan(200);
    expect(seen).toEqual([]);
    await until(() => seen.length > 0);
    expect(seen.every((facts) => facts.instance_id === 'i-0fedcba9876543210')).toBe(true);
    expect(seen.at(-1)).toMatchObject({
      cloud_provider: 'aws',
      name: hostname(),
      provisional_id: expect.stringMatching(/^host-/),
      cloud: { region: 'us-east-1', instance_type: 'p5.48xlarge', lifecycle: 'on_demand', tags: { team: 'ml' } },
    });
    expect(seen.at(-1)).not.toHaveProperty('region');
    expect(states.at(-1)?.[0]).toBe('ok');
  });

  it('leaves to the operator what the operator fixed', async () => {
    const fake = await service(awsMetadata({ tags: { team: 'ml', env: 'prod' } }));
    const fixed = { instanceId: 'rack7', cloudProvider: 'colo', region: 'fra-1', tags: { team: 'mine' } };
    const { seen } = machine(XEN, { ...auto, address: fake.address }, fixed);
    expect(seen[0]).toMatchObject({ instance_id: 'rack7', cloud_provider: 'colo' });
    await until(() => seen.some((facts) => facts['cloud']));
    const facts = seen.at(-1) as InstanceFacts;
    expect(facts).toMatchObject({
      instance_id: 'rack7',
      cloud_provider: 'colo',
      region: 'fra-1',
      tags: { team: 'mine' },
    });
    expect(facts['cloud']).toMatchObject({ instance_type: 'p5.48xlarge', tags: { env: 'prod' } });
    expect(facts['cloud']).not.toHaveProperty('region');
    expect(facts).not.toHaveProperty('provisional_id');
  });

  it('names itself for the time being where nobody answers, and takes its name later, as the same machine', async () => {
    const fake = await service(awsMetadata());
    fake.silent = true;
    const { seen, states, clock } = machine(XEN, { ...auto, address: fake.address });
    await clock.advance(1_500);
    expect(seen[0]).toMatchObject({ cloud_provider: 'aws', instance_id: expect.stringMatching(/^host-/) });
    await until(() => states.some(([condition]) => condition === 'degraded'));
    expect(states.at(-1)?.[1]).toContain('hop-limit 2');
    expect(states.at(-1)?.[1]).toContain('instance.instance_id');
    fake.silent = false;
    await clock.advance(5_000);
    await until(() => seen.at(-1)?.instance_id === 'i-0fedcba9876543210');
    expect(seen.at(-1)?.['provisional_id']).toBe(seen[0]?.instance_id);
    expect(states.at(-1)?.[0]).toBe('ok');
  });

  it('knows its id from the firmware of AWS before anybody answers', async () => {
    const fake = await service(() => undefined);
    fake.silent = true;
    const { seen } = machine(NITRO, { ...auto, address: fake.address });
    expect(seen[0]).toMatchObject({
      instance_id: 'i-0fedcba9876543210',
      cloud_provider: 'aws',
      instance_type: 'p5.48xlarge',
    });
  });

  it('remembers its name over a restart without network, on this hardware only', async () => {
    const fake = await service(gcpMetadata());
    const google = dmi({ sys_vendor: 'Google', product_name: 'Google Compute Engine' });
    const first = machine(google, { ...auto, address: fake.address });
    await until(() => first.seen.length > 0);
    await first.collector.stop();
    fake.silent = true;
    const again = machine(google, { ...auto, address: fake.address });
    expect(again.seen[0]).toMatchObject({ instance_id: '8013469284738291043', cloud: { zone: 'us-central1-a' } });
    await again.collector.stop();
    writeFileSync(join(folder, 'root/etc/machine-id'), 'ffffffffc4c5404aaa1f6d2a48adfda4\n');
    const clone = machine(
      { ...google, 'etc/machine-id': 'ffffffffc4c5404aaa1f6d2a48adfda4' },
      { ...auto, address: fake.address },
    );
    await clone.clock.advance(1_500);
    expect(clone.seen[0]?.instance_id).toMatch(/^host-/);
  });

  it.each([
    ['a machine of one’s own', dmi({ sys_vendor: 'Dell Inc.' }), 'auto'],
    ['a machine that was told not to', XEN, 'none'],
  ] as const)('asks nobody on %s', async (_, files, cloud) => {
    const fake = await service(awsMetadata());
    const { seen } = machine(files, { ...auto, cloud, address: fake.address });
    expect(seen[0]).toMatchObject({ cloud_provider: 'on_prem', instance_id: expect.stringMatching(/^host-/) });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(fake.requests).toEqual([]);
  });
});
