import { GpuCensus } from './census.js';
import { migValues, ProcessReader } from './slow-values.js';
import type { SnapshotGpu, SnapshotProcess } from './snapshot.js';

const nobody = () => Promise.resolve(undefined);
const gpu = (processes: SnapshotProcess[] | null): SnapshotGpu => ({ uuid: 'GPU-a', busId: '', mig: [], processes });
const one: SnapshotProcess = { pid: 7, type: 'C', name: 'train', usedMemoryMib: 12 };
const reader = (seesAll: boolean, census = new GpuCensus([])) => new ProcessReader(census, () => seesAll, nobody);

describe('who uses the GPUs', () => {
  it('is nobody when the host sees all processes and there are none', async () => {
    expect(await reader(true).read([gpu([])])).toEqual([]);
  });

  it('is not known in a container that is shown none, until it was shown one', async () => {
    const inside = reader(false);
    expect(await inside.read([gpu([])])).toBeNull();
    expect(await inside.read([gpu([one])])).toEqual([
      { device: 'GPU-a', pid: 7, type: 'C', name: 'train', usedMemoryMib: 12 },
    ]);
    expect(await inside.read([gpu([])])).toEqual([]);
  });

  it('is not known when the driver hides those of one GPU', async () => {
    expect(await reader(true).read([gpu([one]), gpu(null)])).toBeNull();
  });

  it('belongs to the MIG instance that it runs in', async () => {
    const census = new GpuCensus([]);
    const split = {
      ...gpu([{ ...one, gpuInstance: 9, computeInstance: 0 }]),
      mig: [{ index: 0, gpuInstance: 9, computeInstance: 0, uuid: 'MIG-x' }],
    };
    census.applySnapshot({ gpus: [split] }, new Map(), 0);
    expect((await reader(true, census).read([split]))?.map((p) => p.device)).toEqual(['MIG-x']);
  });
});

it('a MIG instance has memory and no utilisation, which is not 0', () => {
  // 26 of 40,448 MiB
  expect([
    ...migValues({ index: 0, gpuInstance: 1, computeInstance: 0, memoryUsedMib: 26, memoryTotalMib: 40448 }),
  ]).toEqual([
    [4, 26],
    [5, 40448],
    [2, (26 / 40448) * 100],
    [1, 'unsupported'],
  ]);
});
