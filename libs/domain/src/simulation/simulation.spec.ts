import { aggregateMinute, STATS } from '../telemetry/minute-aggregates.js';
import { metricById } from '../telemetry/catalogue.js';
import { metricRange } from '../telemetry/metric-range.js';
import { isPoweredAt, simulatedFleet } from './fleet.js';
import type { SimulatedInstance } from './fleet.js';
import { simulatedProcess } from './processes.js';
import { simulatedMetrics, simulateGpuAggregates, simulateGpuMinute, simulateHostMinute } from './readings.js';
import type { Workload } from './workloads.js';

const SEED = 7;
const fleet = simulatedFleet(SEED);
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
/** Monday 2 November 2026, 00:00 UTC. */
const MONDAY = Date.UTC(2026, 10, 2) / 1000;

const of = (workload: Workload): SimulatedInstance => {
  const found = fleet.find((instance) => instance.plan.workload === workload);
  if (!found) throw new Error(`no machine has a ${workload}`);
  return found;
};

/** Mean utilization in percent of the machine's GPUs, at every 10th minute from `fromS` to `toS`. */
function meanUtilization(instance: SimulatedInstance, fromS: number, toS: number): number {
  const stats = new Float32Array(12 * STATS);
  let sum = 0;
  let count = 0;
  for (let at = fromS; at < toS; at += 10 * MINUTE) {
    for (const gpu of instance.gpus.filter((one) => one.kind === 'gpu')) {
      simulateGpuAggregates(instance, gpu, at, 5, stats);
      sum += stats[1]!;
      count += 1;
    }
  }
  return sum / count;
}

describe('the simulated fleet', () => {
  it('has 40 machines with 300 GPUs, each uuid, name and provider id once', () => {
    const gpus = fleet.flatMap((instance) => instance.gpus.filter((gpu) => gpu.kind === 'gpu'));
    expect(fleet).toHaveLength(40);
    expect(gpus).toHaveLength(300);
    expect(fleet.map((instance) => instance.gpuCount).reduce((a, b) => a + b)).toBe(300);
    const devices = fleet.flatMap((instance) => instance.gpus);
    expect(new Set(devices.map((gpu) => gpu.uuid)).size).toBe(devices.length);
    expect(new Set(fleet.map((instance) => instance.name)).size).toBe(40);
    expect(new Set(fleet.map((instance) => instance.providerId)).size).toBe(40);
  });

  it('is the same for the same seed and another for another', () => {
    expect(simulatedFleet(SEED)).toEqual(fleet);
    expect(simulatedFleet(SEED + 1)[0]?.gpus[0]?.uuid).not.toBe(fleet[0]?.gpus[0]?.uuid);
  });

  it('carries team, environment and project on every machine, and a decimal price', () => {
    for (const instance of fleet) {
      expect(Object.keys(instance.tags)).toEqual(['team', 'environment', 'project']);
      expect(instance.hourlyCostUsd).toMatch(/^\d+\.\d\d$/);
    }
  });

  it('has one sick GPU, and one host whose GPUs are divided', () => {
    const devices = fleet.flatMap((instance) => instance.gpus);
    expect(devices.filter((gpu) => gpu.sick)).toHaveLength(1);
    expect(devices.filter((gpu) => gpu.kind === 'mig')).toHaveLength(16);
    const uuids = new Set(devices.filter((gpu) => gpu.kind === 'gpu').map((gpu) => gpu.uuid));
    expect(devices.filter((gpu) => gpu.kind === 'mig' && !uuids.has(gpu.parentUuid ?? ''))).toEqual([]);
  });
});

describe('the loads', () => {
  it('inference is busier in its afternoon than in its night, and on Wednesday than on Sunday', () => {
    const serving = of('inference');
    const local = (hour: number, day: number) => MONDAY + day * DAY + (hour - serving.plan.utcOffsetHours) * HOUR;
    const afternoon = meanUtilization(serving, local(13, 2), local(16, 2));
    expect(afternoon).toBeGreaterThan(55);
    expect(meanUtilization(serving, local(2, 2), local(5, 2))).toBeLessThan(35);
    expect(meanUtilization(serving, local(13, 6), local(16, 6))).toBeLessThan(afternoon * 0.7);
  });

  it('pretraining holds its GPUs near their limit for weeks', () => {
    expect(meanUtilization(of('pretraining'), MONDAY, MONDAY + 14 * DAY)).toBeGreaterThan(88);
  });

  it('machines of one job pause together', () => {
    const gang = fleet.filter((instance) => instance.plan.seed === of('pretraining').plan.seed);
    expect(gang).toHaveLength(8);
    for (let at = MONDAY; at < MONDAY + DAY; at += 7 * MINUTE) {
      const healthy = gang.map((instance) => instance.gpus.find((gpu) => !gpu.sick) ?? instance.gpus[0]!);
      const means = gang.map((instance, i) => {
        const stats = new Float32Array(12 * STATS);
        simulateGpuAggregates(instance, healthy[i]!, at, 5, stats);
        return stats[1]!;
      });
      expect(Math.max(...means) - Math.min(...means)).toBeLessThan(8);
    }
  });

  it('training runs on some days and not on others', () => {
    const days = Array.from({ length: 14 }, (_, d) =>
      meanUtilization(of('training'), MONDAY + d * DAY, MONDAY + (d + 1) * DAY),
    );
    expect(Math.max(...days)).toBeGreaterThan(60);
    expect(Math.min(...days)).toBeLessThan(20);
  });

  it('a parked server never comes near 5 %, and holds most of the memory all the same', () => {
    const parked = of('parked');
    for (let at = MONDAY; at < MONDAY + 6 * HOUR; at += MINUTE) {
      const minute = simulateGpuMinute(parked, parked.gpus[0]!, at, 1);
      const { stats } = aggregateMinute(minute);
      expect(stats[2]).toBeLessThan(5);
      expect(stats[STATS + 1]).toBeGreaterThan(80);
    }
  });

  it('a machine with office hours is off at night and at weekends', () => {
    const office = fleet.filter((instance) => instance.power === 'office-hours');
    expect(office.length).toBeGreaterThan(0);
    for (const instance of office) {
      const local = (hour: number, day: number) => MONDAY + day * DAY + (hour - instance.plan.utcOffsetHours) * HOUR;
      expect([3, 12, 23].map((hour) => isPoweredAt(instance, local(hour, 1)))).toEqual([false, true, false]);
      expect(isPoweredAt(instance, local(12, 5))).toBe(false);
    }
  });
});

describe('the readings', () => {
  it('are what a driver can say: every value in the range of its metric, metrics ascending', () => {
    for (const instance of fleet) {
      for (const at of [MONDAY, MONDAY + 11 * HOUR, MONDAY + 5 * DAY + 20 * HOUR]) {
        const minutes = [
          ...instance.gpus.map((gpu) => simulateGpuMinute(instance, gpu, at, 5)),
          simulateHostMinute(instance, at, 5),
        ];
        for (const minute of minutes) {
          expect([...minute.metrics].sort((a, b) => a - b)).toEqual([...minute.metrics]);
          expect(minute.values).toHaveLength(minute.metrics.length * 12);
          minute.metrics.forEach((id, row) => {
            const { from, to } = metricRange(id)!;
            for (const value of minute.values.subarray(row * 12, row * 12 + 12)) {
              if (!(value >= from && value <= to))
                throw new Error(`${metricById(id)?.name} is ${value} on ${instance.name}`);
            }
          });
        }
      }
    }
  });

  it('in short they are what the samples say in full, to within two percent of utilization', () => {
    const instance = of('inference');
    const gpu = instance.gpus[0]!;
    const short = new Float32Array(simulatedMetrics(gpu).length * STATS);
    let apart = 0;
    for (let at = MONDAY; at < MONDAY + DAY; at += 13 * MINUTE) {
      simulateGpuAggregates(instance, gpu, at, 1, short);
      const full = aggregateMinute(simulateGpuMinute(instance, gpu, at, 1)).stats;
      apart += Math.abs(short[1]! - full[1]!) / (DAY / (13 * MINUTE));
      // minimum and maximum frame the mean
      for (let m = 0; m < short.length; m += STATS) {
        expect(short[m]!).toBeLessThanOrEqual(short[m + 1]!);
        expect(short[m + 1]!).toBeLessThanOrEqual(short[m + 2]!);
      }
    }
    expect(apart).toBeLessThan(2);
  });

  it('a sick GPU is hotter than its neighbours, slows down, and its errors never shrink within a boot', () => {
    const instance = of('pretraining');
    const sick = instance.gpus.find((gpu) => gpu.sick)!;
    const at = MONDAY + 10 * HOUR;
    const mean = (gpu: typeof sick, metric: number) => {
      const { metrics, stats } = aggregateMinute(simulateGpuMinute(instance, gpu, at, 5));
      return stats[metrics.indexOf(metric) * STATS + 1]!;
    };
    const neighbour = instance.gpus.find((gpu) => !gpu.sick)!;
    expect(mean(sick, 6)).toBeGreaterThan(mean(neighbour, 6) + 10);
    expect(mean(sick, 9)).toBeLessThan(mean(neighbour, 9));
    const bootS = Math.ceil(MONDAY / (11 * DAY)) * 11 * DAY;
    let last = -1;
    for (let t = bootS; t < bootS + 10 * DAY; t += HOUR) {
      const { metrics, stats } = aggregateMinute(simulateGpuMinute(instance, sick, t, 5));
      const errors = stats[metrics.indexOf(14) * STATS + 2]!;
      expect(errors).toBeGreaterThanOrEqual(last);
      last = errors;
    }
    expect(last).toBeGreaterThan(40);
  });

  it('divided GPUs have no utilization, and their slices memory only', () => {
    const host = fleet.find((instance) => instance.gpus.some((gpu) => gpu.kind === 'mig'))!;
    const names = (kind: 'gpu' | 'mig') =>
      simulatedMetrics(host.gpus.find((gpu) => gpu.kind === kind)!).map((id) => metricById(id)?.name);
    expect(names('gpu')).not.toContain('gpu_utilization');
    expect(names('mig')).toEqual(['memory_utilization', 'memory_used_mib', 'memory_total_mib']);
  });
});

describe('a process on a simulated GPU', () => {
  it('is there while memory is held, began when it began to be held, and is the same all that time', () => {
    const instance = of('training');
    const gpu = instance.gpus[0]!;
    let runs = 0;
    let before: ReturnType<typeof simulatedProcess> = null;
    for (let at = MONDAY; at < MONDAY + 3 * DAY; at += 10 * MINUTE) {
      const now = simulatedProcess(instance, gpu, at);
      if (now && before) expect(now).toMatchObject({ pid: before.pid, startedAtS: before.startedAtS });
      if (now && !before) {
        runs += 1;
        expect(now.startedAtS).toBe(at);
      }
      before = now;
    }
    expect(runs).toBeGreaterThan(0);
  });

  it('of a model server that nobody calls is as old as is looked for, and idle', () => {
    const instance = of('parked');
    const process = simulatedProcess(instance, instance.gpus[0]!, MONDAY)!;
    expect(MONDAY - process.startedAtS).toBeGreaterThanOrEqual(14 * DAY);
    expect(process.smPercent).toBeLessThan(5);
    expect(process.usedMemoryMib).toBeLessThan(instance.gpus[0]!.memoryTotalMib);
  });

  it('is not older than the time since when its machine is on', () => {
    const instance = fleet.find(({ power }) => power === 'office-hours')!;
    const local = MONDAY + 10 * HOUR - instance.plan.utcOffsetHours * HOUR;
    const process = instance.gpus.map((gpu) => simulatedProcess(instance, gpu, local)).find((one) => one !== null)!;
    expect(process.startedAtS).toBeGreaterThanOrEqual(local - 3 * HOUR);
  });
});
