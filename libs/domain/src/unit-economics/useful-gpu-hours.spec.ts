import { usefulGpuHours } from './index.js';
import type { GpuDay, InstanceUse } from './index.js';

const day = (more: Partial<GpuDay> = {}): GpuDay => ({
  held: 24,
  busy: 10,
  idle: 5,
  useful: 6,
  bySmActivity: 0,
  ...more,
});
const use = (costs: string[], ...days: GpuDay[]): InstanceUse => ({ days, costs });

describe('what useful GPU-hours cost', () => {
  it('leaves hours without data out of the ratio', () => {
    // 48 USD for 24 hours: 2 an hour; 15 measured cost 30, of them 12 useful; 30 / 6
    expect(usefulGpuHours([use(['40', '8'], day())])).toMatchObject({
      unknown: 9,
      coverage: 0.625,
      usefulShare: 0.4,
      cost: '48',
      usefulCost: '12',
      wasteCost: '18',
      unknownCost: '18',
      idleCost: '10',
      costPerGpuHour: '2',
      costPerUsefulGpuHour: '5',
      evidence: 'gpu_utilization',
      reason: null,
    });
  });

  it('takes hours for held that were measured while nobody said that it ran', () => {
    expect(usefulGpuHours([use(['1'], day({ held: 0 }))])).toMatchObject({ held: 15, unknown: 0, coverage: 1 });
  });

  it('adds the parts up to the whole, whatever the instances', () => {
    const many = Array.from({ length: 40 }, (_, i) =>
      use([`${(i * 37) % 91}.${i}7`], day({ held: 16 + (i % 9), busy: i % 10, idle: i % 5, useful: (i % 10) * 0.31 })),
    );
    const all = usefulGpuHours(many);
    const [useful, waste, unknown] = [all.usefulCost, all.wasteCost, all.unknownCost].map(Number);
    expect(useful! + waste! + unknown!).toBeCloseTo(Number(all.cost), 9);
    expect(all.busy + all.idle + all.unknown).toBeCloseTo(all.held, 9);
    // twice the same fleet costs as much by the hour
    expect(usefulGpuHours([...many, ...many])).toMatchObject({
      costPerGpuHour: all.costPerGpuHour,
      costPerUsefulGpuHour: all.costPerUsefulGpuHour,
    });
  });

  it.each([
    ['no_gpu_hours', [use(['1'])]],
    ['no_cost', [use([], day())]],
    ['not_measured', [use(['1'], day({ busy: 0, idle: 0, useful: 0 }))]],
    ['no_useful_hours', [use(['1'], day({ useful: 0 }))]],
  ] as const)('says why there is none: %s', (reason, uses) => {
    expect(usefulGpuHours(uses)).toMatchObject({ costPerUsefulGpuHour: null, reason });
  });
});
