import type { FleetAnswer } from './gpus';
import { LiveGpus } from './live-gpus';

const fleet = {
  instances: [{ id: 7 }, { id: 9 }],
  gpus: {
    instance: [0, 0, 1],
    index: [0, 1, null],
    utilization: [1, 2, 3],
    memory: [10, 20, 30],
    temperature: [40, null, 60],
    power: [100, 200, 300],
  },
} as unknown as FleetAnswer;
const reading = (instance_id: number, gpu_index: number | null, metrics: Record<string, number>, device = 'GPU-a') => ({
  instance_id,
  gpu_index,
  metrics,
  device,
});

describe('the map between two loads', () => {
  it('takes newest values of its own GPUs, and leaves what they lack', () => {
    const live = new LiveGpus(fleet);
    expect(live.now()).toBe(fleet);
    expect(live.take([reading(7, 1, { gpu_utilization: 88.46, temperature: 71 })])).toBe(true);
    expect(live.take([reading(7, 1, { gpu_utilization: 90.04, temperature: 72 })])).toBe(true);
    expect(live.now().gpus).toMatchObject({
      utilization: [1, 90, 3],
      memory: [10, 20, 30],
      temperature: [40, 72, 60],
    });
    // what was loaded is not touched: it is shared
    expect(fleet.gpus.utilization).toEqual([1, 2, 3]);
  });

  it('leaves hosts, parts of GPUs, and what it does not know', () => {
    const live = new LiveGpus(fleet);
    const strange = [
      reading(7, null, { gpu_utilization: 50 }),
      reading(7, 0, { gpu_utilization: 50 }, 'MIG-a'),
      reading(7, 5, { gpu_utilization: 50 }),
      reading(8, 0, { gpu_utilization: 50 }),
    ];
    expect(live.take(strange)).toBe(false);
    expect(live.now()).toBe(fleet);
  });
});
