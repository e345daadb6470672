import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { captureFolder, FIXTURE, readTrace, testData } from '../../support/nvidia-smi-replay/index.js';
import type { Trace } from '../../support/nvidia-smi-replay/index.js';

const H100 = 'nvidia-h100-80gb-hbm3-driver-590.48.01';
const TRACE = join(testData(), 'traces', 'alibaba-gentd26-pod-gpu-util-mem.csv');

/** The capture of a real H100, or the project's own small fixture; says in one line which. */
export function gpuCapture(): { folder: string; isReal: boolean } {
  const real = captureFolder(H100);
  if (!real) {
    process.stdout.write(
      `no real captures under ${testData()}: the project's own fixture runs instead (FLOTILLA_TEST_DATA)\n`,
    );
  }
  return { folder: real ?? FIXTURE, isReal: real !== null };
}

/** What one capture says, by the driver's field name without its unit; the cell as it is printed. */
export function captureCells(folder: string, state: 'idle' | 'load'): Map<string, string> {
  const [header, row] = readFileSync(join(folder, `${state}.query-gpu.csv`), 'utf8').split(/\r?\n/);
  const cells = row!.split(', ');
  return new Map(header!.split(', ').map((name, i) => [name.replace(/ \[.*\]$/, ''), cells[i]!.trim()]));
}

export interface PodTrace {
  readonly pod: string;
  /** Utilisation in percent, one every 57 s, oldest first; null: missing. */
  readonly utilization: readonly (number | null)[];
}

export const TRACE_STEP_S = 57;

/** The real utilisation of 72 pods, `samples` long from `fromS` on; a made-up small one where it is absent. */
export function podTraces(fromS: number, samples: number): { pods: PodTrace[]; isReal: boolean } {
  if (!existsSync(TRACE)) {
    process.stdout.write(`no real trace at ${TRACE}: five made-up pods run instead (FLOTILLA_TEST_DATA)\n`);
    return { pods: madeUpPods(samples), isReal: false };
  }
  const bySecond = new Map<string, (number | null)[]>();
  for (const line of readFileSync(TRACE, 'utf8').split('\n').slice(1)) {
    const [second, pod, util] = line.trim().split(',');
    const slot = (Number(second) - fromS) / TRACE_STEP_S;
    if (!pod || slot < 0 || slot >= samples || !Number.isInteger(slot)) continue;
    if (!bySecond.has(pod)) bySecond.set(pod, Array<number | null>(samples).fill(null));
    bySecond.get(pod)![slot] = util ? Number(util) : null;
  }
  return { pods: [...bySecond].map(([pod, utilization]) => ({ pod, utilization })), isReal: true };
}

function madeUpPods(samples: number): PodTrace[] {
  const fill = (of: (i: number) => number | null) => Array.from({ length: samples }, (_, i) => of(i));
  return [
    { pod: 'quiet', utilization: fill(() => 0) },
    { pod: 'busy', utilization: fill((i) => 60 + (i % 30)) },
    { pod: 'busy-until-lately', utilization: fill((i) => (i < samples - 10 ? 80 : 0)) },
    { pod: 'one-short-burst', utilization: fill((i) => (i === samples - 15 ? 40 : 0)) },
    { pod: 'silent-for-a-while', utilization: fill((i) => (i > samples - 20 && i < samples - 10 ? null : 0)) },
  ];
}

/** One pod's real use of a GPU, for a replaying nvidia-smi: one point a round. */
export function podOnAGpu(): Trace {
  if (existsSync(TRACE)) return readTrace(TRACE, { pod: 'pod-000', startS: TRACE_STEP_S * 60, points: 600 });
  const points = Array.from({ length: 600 }, (_, i) => ({ util: i % 7 === 3 ? null : (i * 37) % 101, mem: 1000 + i }));
  return { points, stepS: TRACE_STEP_S };
}
