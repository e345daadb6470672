import { between, mix, smoothNoise, unit } from './random.js';

/**
 * What runs on a machine.
 *
 * pretraining: weeks without a pause, a restart now and then · training: runs that people start in their morning and that
 * last hours to a day · inference: a day curve, quieter at weekends · batch: at night · development: office hours, in
 * bursts · notebook: opened now and then, memory held ever since · parked: a model server that nobody calls
 */
export const WORKLOADS = [
  'pretraining',
  'training',
  'inference',
  'batch',
  'development',
  'notebook',
  'parked',
] as const;
export type Workload = (typeof WORKLOADS)[number];

export interface WorkloadPlan {
  readonly workload: Workload;
  /** The same for machines that work on one job: they start, stop and write checkpoints together. */
  readonly seed: number;
  /** Where the people sit: hours to add to UTC. */
  readonly utcOffsetHours: number;
}

/** One GPU over one minute. Shares from 0 to 1. */
export interface GpuLoad {
  /** Mean of utilization.gpu. */
  readonly utilization: number;
  /** How far single seconds are from the mean. */
  readonly spread: number;
  /** Share of the memory that is held. */
  readonly memory: number;
}

const DAY = 86_400;
const HOUR = 3_600;
const NOTHING: GpuLoad = { utilization: 0, spread: 0, memory: 0 };

/** The load of a GPU in the minute that starts at `minuteS` (Unix seconds). `gpuSeed` tells the GPUs of a machine apart. */
export function loadAt(plan: WorkloadPlan, gpuSeed: number, minuteS: number): GpuLoad {
  const localS = minuteS + plan.utcOffsetHours * HOUR;
  const day = Math.floor(localS / DAY);
  const hour = (localS - day * DAY) / HOUR;
  switch (plan.workload) {
    case 'pretraining':
      return pretraining(plan.seed, gpuSeed, minuteS);
    case 'training':
      return training(plan.seed, gpuSeed, localS, day);
    case 'inference':
      return inference(plan.seed, gpuSeed, localS, day, hour);
    case 'batch':
      return batch(plan.seed, gpuSeed, localS, day, hour);
    case 'development':
      return development(gpuSeed, localS, day, hour);
    case 'notebook':
      return notebook(gpuSeed, localS, day, hour);
    case 'parked':
      // the health check of the server, once in ten minutes
      return { utilization: Math.floor(minuteS / 60 + gpuSeed) % 10 === 0 ? 0.004 : 0, spread: 0.006, memory: 0.89 };
  }
}

/** Saturday or Sunday. Day 0 of Unix time was a Thursday. */
export const isWeekend = (day: number): boolean => (day + 3) % 7 >= 5;

/** Steps at full load; a checkpoint every `everyS`, while which the GPUs wait for the disk. */
function steps(seed: number, gpuSeed: number, sinceStartS: number, everyS: number, level: number): GpuLoad {
  const memory = between(0.82, 0.96, seed, 7);
  if (sinceStartS < 5 * 60) return { utilization: 0.12, spread: 0.1, memory: memory * 0.6 };
  if (sinceStartS % everyS < 90) return { utilization: 0.06, spread: 0.05, memory };
  const sway = smoothNoise(mix(seed, 11), sinceStartS / 900) * 0.02 + smoothNoise(gpuSeed, sinceStartS / 300) * 0.008;
  return { utilization: Math.min(0.995, level + sway), spread: 0.025, memory };
}

function pretraining(seed: number, gpuSeed: number, atS: number): GpuLoad {
  const cycleS = Math.round(between(40, 70, seed, 3)) * HOUR;
  const sinceStartS = (atS + mix(seed, 5)) % cycleS;
  // at the end of a cycle something fails; it takes a while until somebody has restarted it
  if (sinceStartS > cycleS - between(8, 40, seed, Math.floor(atS / cycleS)) * 60) return NOTHING;
  return steps(seed, gpuSeed, sinceStartS, 3 * HOUR, 0.97);
}

function training(seed: number, gpuSeed: number, localS: number, today: number): GpuLoad {
  // a run that was started yesterday or the day before may still be going
  for (let day = today; day >= today - 2; day--) {
    const run = trainingRun(seed, day);
    if (!run || localS < run.startS || localS >= run.endS) continue;
    // one in four runs waits for its input more than it computes
    const level = unit(seed, day, 9) < 0.25 ? between(0.45, 0.7, seed, day, 10) : 0.95;
    return steps(mix(seed, day), gpuSeed, localS - run.startS, 45 * 60, level);
  }
  return NOTHING;
}

/** The run that is started on `day`, in local seconds, or undefined: nobody started one. */
function trainingRun(seed: number, day: number): { startS: number; endS: number } | undefined {
  if (unit(seed, day, 1) < (isWeekend(day) ? 0.7 : 0.15)) return undefined;
  const startS = day * DAY + between(8.5, 12, seed, day, 2) * HOUR;
  return { startS, endS: startS + between(5, 34, seed, day, 3) * HOUR };
}

function inference(seed: number, gpuSeed: number, localS: number, day: number, hour: number): GpuLoad {
  const fromPeak = Math.min(Math.abs(hour - 14.5), 24 - Math.abs(hour - 14.5));
  const curve = 0.14 + 0.58 * Math.exp(-((fromPeak / 4.5) ** 2));
  const week = isWeekend(day) ? 0.55 : 1;
  const sway = smoothNoise(seed, localS / 1_200) * 0.06 + smoothNoise(gpuSeed, localS / 240) * 0.05;
  return { utilization: clamp(curve * week + sway), spread: 0.22, memory: between(0.84, 0.92, gpuSeed, 7) };
}

function batch(seed: number, gpuSeed: number, localS: number, day: number, hour: number): GpuLoad {
  if (hour < 1 || hour >= between(4.5, 6.5, seed, day)) return NOTHING;
  return { utilization: 0.88 + smoothNoise(gpuSeed, localS / 600) * 0.06, spread: 0.08, memory: 0.61 };
}

function development(gpuSeed: number, localS: number, day: number, hour: number): GpuLoad {
  if (isWeekend(day) || hour < 9 || hour >= 19) return NOTHING;
  const block = Math.floor(localS / 1_500);
  if (unit(gpuSeed, block) > 0.5) return { utilization: 0, spread: 0, memory: 0.18 };
  return { utilization: between(0.2, 0.75, gpuSeed, block, 4), spread: 0.3, memory: 0.34 };
}

function notebook(gpuSeed: number, localS: number, day: number, hour: number): GpuLoad {
  const opened = !isWeekend(day) && unit(gpuSeed, day, 5) < 0.12 && hour >= 10 && hour < 12.5;
  if (opened && unit(gpuSeed, Math.floor(localS / 420)) < 0.4) return { utilization: 0.33, spread: 0.3, memory: 0.31 };
  return { utilization: 0, spread: 0, memory: 0.31 };
}

export const clamp = (value: number): number => Math.min(1, Math.max(0, value));
