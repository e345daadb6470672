import { scaleOf } from './colours';
import { groupsOf, instancesShown, isShown, tagKeys, wastedPerDay } from './gpus';
import type { FleetAnswer } from './gpus';

const instance = (id: number, tags: Record<string, string>, price: string | null) =>
  ({
    id,
    instance_id: `i-${id}`,
    name: null,
    cloud_provider: 'aws',
    region: 'eu',
    instance_type: 'p5',
    gpu_type: 'H100',
    state: 'running',
    tags,
    gpu_hourly_cost: price,
    currency: 'USD',
    simulated: false,
  }) as unknown as FleetAnswer['instances'][number];

/** Three machines: one works, one is held, one is idle and without a price; the fourth is off. */
const FLEET = {
  instances: [
    instance(1, { team: 'ml' }, '2'),
    instance(2, { team: 'ml', env: 'prod' }, '3'),
    instance(3, {}, null),
    instance(4, { team: 'web' }, '1'),
  ],
  gpus: {
    instance: [0, 0, 1, 1, 2, 3],
    index: [0, 1, 0, 1, 0, 0],
    state: ['busy', 'unknown', 'held', 'idle', 'idle', 'off'],
    health: ['healthy', 'unknown', 'degraded', 'healthy', 'unhealthy', 'healthy'],
    utilization: [97, null, 0, 1, 0, null],
    memory: [50, null, 80, 0, 0, null],
    temperature: [70, null, 40, 35, 35, null],
    power: [400, null, 90, 60, 60, null],
    quiet_minutes: [null, null, 45, 40, 90, null],
  },
} as unknown as FleetAnswer;

describe('the GPUs of a fleet', () => {
  it('waste the price of a day each, nothing while they work, and something unknown without a price', () => {
    // 3 an hour × 24
    expect(FLEET.gpus.state.map((_, i) => wastedPerDay(FLEET, i))).toEqual([0, 0, 72, 72, null, 0]);
  });

  it.each([
    ['all', [0, 1, 2, 3, 4, 5]],
    ['busy', [0]],
    ['held', [2]],
    ['idle', [3, 4]],
    ['wasted', [2, 3, 4]],
    ['unhealthy', [2, 4]],
  ] as const)('%s', (shown, gpus) => {
    expect(FLEET.gpus.state.map((_, i) => i).filter((i) => isShown(FLEET, i, shown))).toEqual(gpus);
  });

  it('lead to their instances, the dearest idle one first', () => {
    expect(instancesShown(FLEET, 'wasted')).toEqual([2, 3]);
    expect(instancesShown(FLEET, 'busy')).toEqual([1]);
  });

  it('are grouped by a tag, the largest group first, those without it last', () => {
    expect(groupsOf(FLEET, 'tag:team').map(({ name, gpus, busy, wasted }) => [name, gpus, busy, [...wasted]])).toEqual([
      ['ml', 4, 1, [['USD', 144]]],
      ['web', 1, 0, []],
      [null, 1, 0, []],
    ]);
    expect(groupsOf(FLEET, 'none')).toMatchObject([{ gpus: 6, hosts: [{}, {}, {}, {}] }]);
    expect(tagKeys(FLEET)).toEqual(['team', 'env']);
  });
});

describe('colours of the map', () => {
  it('have none for what is not reported: that is not zero', () => {
    const { steps, domain } = scaleOf(FLEET, 'utilisation', 'light');
    expect([...steps]).toEqual([22, -1, 0, 0, 0, -1]);
    expect(domain).toEqual([0, 100]);
    expect([...scaleOf(FLEET, 'wasted', 'dark').steps]).toEqual([0, 0, 23, 23, -1, 0]);
  });

  it('name the health', () => expect([...scaleOf(FLEET, 'health', 'dark').steps]).toEqual([0, -1, 1, 0, 2, 0]));
});
