import { ManualClock } from '../../../../../test/support/manual-clock.js';
import { ProcessList } from './process-list.js';
import type { ProcessSeen } from './shape.js';

const nowhere = { migDevice: () => undefined };
const gpu = (processes: ProcessSeen[] | null) => ({ uuid: 'GPU-a', processes });
const one: ProcessSeen = { pid: 7, type: 'C', name: 'train', usedMemoryMib: 12 };
const list = (seesAll: boolean, places: ConstructorParameters<typeof ProcessList>[0] = nowhere) =>
  new ProcessList(places, new ManualClock(), '/nowhere', () => seesAll);

describe('who uses the GPUs', () => {
  it('is nobody when the host sees all processes and there are none', async () => {
    expect(await list(true).read([gpu([])])).toEqual([]);
  });

  it('is not known in a container that is shown none, until it was shown one', async () => {
    const inside = list(false);
    expect(await inside.read([gpu([])])).toBeNull();
    expect(await inside.read([gpu([one])])).toEqual([
      { device: 'GPU-a', pid: 7, type: 'C', name: 'train', usedMemoryMib: 12 },
    ]);
    expect(await inside.read([gpu([])])).toEqual([]);
  });

  it('is not known when the driver hides those of one GPU', async () => {
    expect(await list(true).read([gpu([one]), gpu(null)])).toBeNull();
  });

  it('belongs to the MIG instance that it runs in', async () => {
    const places = { migDevice: (uuid: string, gi: number, ci?: number) => `MIG-${uuid}/${gi}/${ci}` };
    const read = await list(true, places).read([gpu([{ ...one, gpuInstance: 9, computeInstance: 0 }])]);
    expect(read?.map((p) => p.device)).toEqual(['MIG-GPU-a/9/0']);
  });
});
