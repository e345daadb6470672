import { metricId } from '@flotilla/domain';
import type { DeviceFacts, Reading } from '../collectors/collector.js';
import { parseExposition } from '../../../../test/support/exposition.js';
import { EXPOSED } from './names.js';
import { Readings } from './readings.js';
import { metricsText } from './text.js';

const AGENT = { hostname: 'node-3', version: '1.2.3', connected: true, collectors: [{ name: 'host', state: 'ok' }] };
const GPU: DeviceFacts = {
  kind: 'gpu',
  uuid: 'GPU-aa',
  index: 0,
  model: 'NVIDIA H100 80GB HBM3',
  pciBusId: '00000000:17:00.0',
  driverVersion: '570.10',
  presence: 'present',
};
const MIG: DeviceFacts = {
  kind: 'mig',
  uuid: 'MIG-bb',
  parentUuid: 'GPU-aa',
  migProfile: '1g.10gb',
  gpuInstanceId: 7,
  presence: 'present',
};

function stage() {
  let nowMs = 0;
  const readings = new Readings(() => nowMs);
  const sample = (device: string, values: Readonly<Record<string, Reading>>) =>
    readings.sample(
      device,
      new Map(Object.entries(values).map(([name, value]) => [metricId(name as 'energy'), value])),
    );
  return {
    readings,
    sample,
    pass: (ms: number) => (nowMs += ms),
    families: () => parseExposition(metricsText(readings, AGENT)),
    values: (name: string) =>
      parseExposition(metricsText(readings, AGENT))
        .get(name)
        ?.samples.map(({ value }) => value),
  };
}

describe('metricsText', () => {
  it('has the names, units and labels of dcgm-exporter', () => {
    const { readings, sample, families } = stage();
    readings.inventory('gpus', [MIG, GPU]);
    sample('GPU-aa', { gpu_utilization: 57, sm_activity: 57, memory_used_mib: 40960, pcie_rx: 12 });
    sample('MIG-bb', { memory_used_mib: 100 });
    const made = families();
    expect(made.get('DCGM_FI_DEV_GPU_UTIL')).toMatchObject({
      type: 'gauge',
      samples: [
        {
          labels: {
            gpu: '0',
            UUID: 'GPU-aa',
            pci_bus_id: '00000000:17:00.0',
            device: 'nvidia0',
            modelName: 'NVIDIA H100 80GB HBM3',
            Hostname: 'node-3',
            DCGM_FI_DRIVER_VERSION: '570.10',
          },
          value: 57,
        },
      ],
    });
    // percent to a ratio: 57 × 0.01; kilobytes to bytes: 12 × 1000
    expect(made.get('DCGM_FI_PROF_SM_ACTIVE')?.samples[0]?.value).toBe(0.57);
    expect(made.get('DCGM_FI_PROF_PCIE_RX_BYTES')?.samples[0]?.value).toBe(12_000);
    expect(made.get('DCGM_FI_DEV_FB_USED')?.samples).toMatchObject([
      { labels: { UUID: 'GPU-aa' }, value: 40_960 },
      { labels: { UUID: 'GPU-aa', gpu: '0', GPU_I_PROFILE: '1g.10gb', GPU_I_ID: '7' }, value: 100 },
    ]);
  });

  it('leaves out what has no value, and never writes 0 in its place', () => {
    const { readings, sample, families } = stage();
    readings.inventory('gpus', [GPU]);
    sample('GPU-aa', { gpu_utilization: 'unsupported', power_draw: 'fault', temperature: Number.NaN });
    const names = [...families().keys()].filter((name) => name.startsWith('DCGM'));
    expect(names).toEqual([]);
    sample('GPU-aa', { gpu_utilization: 0 });
    expect(families().get('DCGM_FI_DEV_GPU_UTIL')?.samples).toMatchObject([{ value: 0 }]);
    sample('GPU-aa', { gpu_utilization: 'fault' });
    expect(families().has('DCGM_FI_DEV_GPU_UTIL')).toBe(false);
  });

  it('drops what was not read for three times its own rhythm, and what is not there any more', () => {
    const { readings, sample, pass, values } = stage();
    readings.inventory('gpus', [GPU]);
    for (let at = 0; at < 3; at++) {
      sample('GPU-aa', { gpu_utilization: 50, temperature: 40 });
      pass(10_000);
    }
    sample('GPU-aa', { temperature: 41 });
    // 10 s + 20 s: 30 s = 3 × 10 s is still fresh
    pass(20_000);
    expect(values('DCGM_FI_DEV_GPU_UTIL')).toEqual([50]);
    pass(1);
    expect(values('DCGM_FI_DEV_GPU_UTIL')).toBeUndefined();
    expect(values('DCGM_FI_DEV_GPU_TEMP')).toEqual([41]);
    readings.inventory('gpus', [{ ...GPU, presence: 'missing' }]);
    expect(values('DCGM_FI_DEV_GPU_TEMP')).toBeUndefined();
  });

  it('adds energy up and keeps the sum when one reading fails, so that the counter never falls', () => {
    const { readings, sample, values } = stage();
    readings.inventory('gpus', [GPU]);
    sample('GPU-aa', { energy: 1500 });
    sample('GPU-aa', { energy: 'fault' });
    sample('GPU-aa', { energy: 500.5 });
    // (1500 + 500.5) J × 1000
    expect(values('DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION')).toEqual([2_000_500]);
  });

  it('names the pod or the container where exactly one uses the GPU', () => {
    const { readings, sample, families } = stage();
    readings.inventory('gpus', [GPU]);
    sample('GPU-aa', { gpu_utilization: 1 });
    const process = { device: 'GPU-aa', pid: 1, name: 'python', type: 'C' } as const;
    const labels = () => families().get('DCGM_FI_DEV_GPU_UTIL')?.samples[0]?.labels;
    const inPod = { ...process, containerName: 'main', podName: 'train-0', podNamespace: 'ml' };
    readings.setProcesses([inPod, { ...inPod, pid: 2 }]);
    expect(labels()).toMatchObject({ container: 'main', pod: 'train-0', namespace: 'ml' });
    readings.setProcesses([inPod, { ...inPod, podName: 'train-1' }]);
    expect(labels()).not.toHaveProperty('pod');
    readings.setProcesses([]);
    expect(labels()).not.toHaveProperty('container');
  });

  it('tells the last Xid, and none where there was none', () => {
    const { readings, values } = stage();
    readings.inventory('gpus', [GPU]);
    expect(values('DCGM_FI_DEV_XID_ERRORS')).toBeUndefined();
    readings.xid('GPU-aa', 79);
    expect(values('DCGM_FI_DEV_XID_ERRORS')).toEqual([79]);
  });

  it('survives names that would break a line, and more devices than a host can have', () => {
    const { readings, sample, families } = stage();
    const model = 'a"b\\c\nd} 1\u0000\ud800';
    readings.inventory('gpus', [{ ...GPU, model }]);
    sample('GPU-aa', { gpu_utilization: 1 });
    expect(families().get('DCGM_FI_DEV_GPU_UTIL')?.samples[0]?.labels['modelName']).toBe('a"b\\c\nd} 1\u0000\ufffd');
    const many = Array.from({ length: 5_000 }, (_, index) => ({ ...GPU, uuid: `GPU-${index}`, index }));
    readings.inventory('gpus', many);
    for (const { uuid } of many) sample(uuid, { gpu_utilization: 1 });
    expect(families().get('DCGM_FI_DEV_GPU_UTIL')?.samples.length).toBeLessThanOrEqual(256);
  });

  it('knows every metric by one name', () => {
    expect(new Set(EXPOSED.map(({ name }) => name)).size).toBe(EXPOSED.length);
    expect(new Set(EXPOSED.map(({ of }) => metricId(of))).size).toBe(EXPOSED.length);
  });
});
