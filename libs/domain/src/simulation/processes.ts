import { isPoweredAt } from './fleet.js';
import type { SimulatedGpu, SimulatedInstance } from './fleet.js';
import { mix } from './random.js';
import { loadAt } from './workloads.js';
import type { Workload } from './workloads.js';

/** A process that holds memory of a simulated GPU. */
export interface SimulatedProcess {
  readonly pid: number;
  readonly name: string;
  readonly user: string;
  readonly usedMemoryMib: number;
  /** Unix seconds. */
  readonly startedAtS: number;
  /** Percent of the time in which it keeps the GPU busy. */
  readonly smPercent: number;
}

const PROGRAMS: Readonly<Record<Workload, readonly [name: string, user: string]>> = {
  pretraining: ['/opt/conda/bin/python', 'train'],
  training: ['/opt/conda/bin/python', 'train'],
  inference: ['/usr/local/bin/vllm', 'serve'],
  batch: ['/opt/conda/bin/python', 'batch'],
  development: ['/opt/conda/bin/python', 'dev'],
  notebook: ['/opt/conda/bin/ipykernel_launcher', 'jupyter'],
  parked: ['/usr/local/bin/vllm', 'serve'],
};
/** How exactly and how far back the start of a process is looked for. */
const STEP_S = 600;
const MOST_S = 14 * 86_400;

/**
 * What computes on a GPU at a moment: one process while the plan of its machine holds memory, none otherwise.
 *
 * @param atS Unix seconds
 */
export function simulatedProcess(instance: SimulatedInstance, gpu: SimulatedGpu, atS: number): SimulatedProcess | null {
  const { plan } = instance;
  const minuteS = Math.floor(atS / 60) * 60;
  const load = loadAt(plan, gpu.seed, minuteS);
  if (load.memory === 0) return null;
  // nothing is older than the time since when its machine is on
  const ranAt = (beforeS: number) => isPoweredAt(instance, beforeS) && loadAt(plan, gpu.seed, beforeS).memory > 0;
  let startedAtS = minuteS - (minuteS % STEP_S);
  while (minuteS - startedAtS < MOST_S && ranAt(startedAtS - STEP_S)) startedAtS -= STEP_S;
  const [name, user] = PROGRAMS[plan.workload];
  return {
    name,
    user,
    startedAtS,
    pid: 2_000 + (mix(gpu.seed, Math.floor(startedAtS / STEP_S)) % 60_000),
    usedMemoryMib: Math.round(load.memory * gpu.memoryTotalMib),
    smPercent: Math.round(load.utilization * 100),
  };
}
