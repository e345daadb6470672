/** Who this machine is, by files of a made-up root; and the host's own numbers by the real /proc. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { metricId } from '@flotilla/domain';
import { ManualClock } from '../../../../../test/support/manual-clock.js';
import type { DeviceFacts, InstanceFacts, Reading, Sink } from '../collector.js';
import { HostCollector } from '../host/host.collector.js';
import { machineIdentity } from './identity.js';
import { instanceFacts as factsOf } from './instance-facts.js';
import { MachineCollector } from './machine.collector.js';
import type { SlowFacts } from './slow-facts.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-machine-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function root(name: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), text);
  }
  return `${join(folder, name)}/`;
}
const state = (name = 'state') => join(folder, name);
const MACHINE = '3d1219c7c4c5404aaa1f6d2a48adfda4\n';
const DMI = 'sys/class/dmi/id/product_uuid';

describe('the machine', () => {
  const bare = () => root('bare', { 'etc/machine-id': MACHINE });
  const withDmi = (uuid: string) => root(uuid, { 'etc/machine-id': MACHINE, [DMI]: `${uuid}\n` });

  it('has the same id at every start, and says nothing of what it was made from', () => {
    const first = machineIdentity(state(), bare());
    expect(machineIdentity(state(), bare())).toEqual(first);
    expect(machineIdentity(state('another'), bare())).toEqual(first);
    expect(first.instanceId).toMatch(/^host-[0-9a-f]{16}$/);
    expect(first.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(first)).not.toContain(MACHINE.slice(0, 8));
  });

  it('keeps it when the agent stops being root and cannot read the DMI uuid any more', () => {
    const asRoot = machineIdentity(state(), withDmi('11111111-2222-3333-4444-555555555555'));
    expect(machineIdentity(state(), bare())).toEqual(asRoot);
  });

  it('is another one on other hardware, though the disk was cloned', () => {
    const one = machineIdentity(state(), withDmi('11111111-2222-3333-4444-555555555555'));
    const two = machineIdentity(state(), withDmi('99999999-2222-3333-4444-555555555555'));
    expect(two.instanceId).not.toBe(one.instanceId);
    expect(two.fingerprint).not.toBe(one.fingerprint);
  });

  it('does not believe a board that was never given a uuid', () => {
    expect(machineIdentity(state('a'), withDmi('00000000-0000-0000-0000-000000000000'))).toEqual(
      machineIdentity(state('b'), bare()),
    );
  });

  it('has an id without any of these files', () => {
    expect(machineIdentity(state(), root('empty', {}))).toEqual(machineIdentity(state('b'), root('empty', {})));
  });
});

describe('the facts about the machine', () => {
  const h100 = (uuid: string, more: Partial<DeviceFacts> = {}): DeviceFacts => ({
    kind: 'gpu',
    uuid,
    model: 'NVIDIA H100 80GB HBM3',
    presence: 'present',
    ...more,
  });

  const instanceFacts = (
    fixed: Parameters<typeof factsOf>[0],
    hostId: string,
    slow: SlowFacts | null,
    gpus: readonly DeviceFacts[] | null,
  ) => factsOf(fixed, { hostId, slow, gpus });

  it('count every GPU that belongs to it, the lost one too', () => {
    const facts = instanceFacts({}, 'host-1', null, [
      h100('a'),
      h100('b', { presence: 'missing' }),
      h100('c', { model: 'T4' }),
    ]);
    expect(facts).toEqual({
      instance_id: 'host-1',
      cloud_provider: 'on_prem',
      state: 'running',
      name: hostname(),
      gpu_type: 'NVIDIA H100 80GB HBM3',
      gpu_count: 3,
    });
  });

  it('are what the operator fixed, first of all', () => {
    const fixed = {
      cloudProvider: 'lambda',
      region: 'us-west-1',
      instanceType: 'gpu_8x_h100',
      name: 'n1',
      hourlyCost: 23.92,
      currency: 'USD',
      tags: { team: 'a' },
    };
    expect(
      instanceFacts(fixed, 'i-1', { memoryTotalMib: 1, machineModel: 'Dell Inc. XE9680', nvidiaDevices: 8 }, null),
    ).toEqual({
      instance_id: 'i-1',
      cloud_provider: 'lambda',
      provisional_id: 'i-1', // as it was reported before somebody named the provider
      state: 'running',
      name: 'n1',
      region: 'us-west-1',
      instance_type: 'gpu_8x_h100',
      gpu_count: 8,
      hourly_cost: 23.92,
      currency: 'USD',
      tags: { team: 'a' },
    });
  });

  it('leave out a count that nobody knows', () => {
    expect(instanceFacts({}, 'i-1', { memoryTotalMib: 1 }, null)).not.toHaveProperty('gpu_count');
    expect(instanceFacts({}, 'i-1', { memoryTotalMib: 1, nvidiaDevices: 0 }, null)).toMatchObject({ gpu_count: 0 });
  });

  it('come from systeminformation too, and change when the GPUs are known', async () => {
    const seen: { devices: readonly DeviceFacts[]; instance: InstanceFacts | undefined }[] = [];
    const bus = root('pci', {
      'sys/bus/pci/devices/0000:01:00.0/vendor': '0x10de\n',
      'sys/bus/pci/devices/0000:01:00.0/class': '0x030200\n',
      'sys/bus/pci/devices/0000:02:00.0/vendor': '0x8086\n',
      'sys/bus/pci/devices/0000:02:00.0/class': '0x030000\n',
    });
    const sink = recorder({ inventory: (devices, instance) => seen.push({ devices, instance }) });
    const collector = new MachineCollector({ instance: { instanceId: 'fixed-1' }, stateDir: state(), root: bus });
    collector.start(sink, new ManualClock());
    while (seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen[0]?.instance).toMatchObject({ instance_id: 'fixed-1', state: 'running' });
    expect(seen.at(-1)?.instance).toMatchObject({ gpu_count: 1 });
    expect(seen.at(-1)?.devices[0]).toMatchObject({ kind: 'host', uuid: 'host', memoryTotalMib: expect.any(Number) });
    collector.setDevices([h100('a'), h100('b')]);
    expect(seen.at(-1)?.instance).toMatchObject({ gpu_count: 2, gpu_type: 'NVIDIA H100 80GB HBM3' });
    await collector.stop();
  });
});

describe('the host', () => {
  const ids = ['cpu_utilization', 'host_memory_utilization', 'disk_utilization', 'network_rx', 'network_tx'].map(
    (name) => metricId(name as 'cpu_utilization'),
  );

  async function read(base?: string, change?: () => void) {
    const samples: ReadonlyMap<number, Reading>[] = [];
    const states: string[] = [];
    const clock = new ManualClock();
    const collector = new HostCollector({ intervalS: 5, ...(base === undefined ? {} : { root: base }) });
    collector.start(recorder({ sample: (_, __, v) => samples.push(v), state: (_, c) => states.push(c) }), clock);
    change?.();
    // the file system answers in real time
    await new Promise((resolve) => setTimeout(resolve, 50));
    await clock.advance(5_000);
    await collector.stop();
    await clock.advance(60_000);
    return { values: ids.map((id) => samples[0]?.get(id)), samples, states };
  }

  it('is read from this machine', async () => {
    const { values, samples, states } = await read();
    expect(samples).toHaveLength(1);
    expect(states).toEqual(['ok']);
    const [cpu, memory, disk, rx, tx] = values as number[];
    for (const percent of [cpu, memory, disk]) {
      // two readings of the processor within one tick of the kernel (10 ms) have nothing between them
      if (typeof percent !== 'number') expect(percent).toBe('unsupported');
      else expect(percent >= 0 && percent <= 100).toBe(true);
    }
    expect(typeof memory).toBe('number');
    expect([rx, tx].every((rate) => (rate as number) >= 0)).toBe(true);
    const total = Number(/MemTotal: +(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]);
    expect(total).toBeGreaterThan(0);
  });

  it('gives the arithmetic of two readings', async () => {
    const files = (cpu: string, net: string) => ({
      'proc/stat': `cpu  ${cpu}\n`,
      'proc/meminfo': 'MemTotal:       1000 kB\nMemAvailable:    250 kB\n',
      'proc/net/dev': `  eth0: ${net}\n`,
    });
    const base = root('fake', files('100 0 0 900 0 0 0 0 0 0', '1000 0 0 0 0 0 0 0 500 0 0 0 0 0 0 0'));
    // 100 jiffies, 60 of them busy; 5,000 and 50 bytes in 5 s
    const { values } = await read(base, () =>
      root('fake', files('160 0 0 940 0 0 0 0 0 0', '6000 0 0 0 0 0 0 0 550 0 0 0 0 0 0 0')),
    );
    expect([values[0], values[1], values[3], values[4]]).toEqual([60, 75, 1000, 10]);
  });

  it('names what it cannot have where there is no /proc', async () => {
    const { values, states } = await read(root('nothing', { 'etc/hostname': 'x' }));
    expect([values[0], values[1], values[3], values[4]]).toEqual(Array(4).fill('unsupported'));
    expect(states).toEqual(['degraded']);
  });
});

function recorder(parts: Partial<Sink>): Sink {
  return { sample() {}, inventory() {}, processes() {}, event() {}, signals() {}, xid() {}, state() {}, ...parts };
}
