/**
 * A replaying nvidia-smi: an executable that answers as the real one would, from captures of real machines.
 *
 * ```ts
 * const replay = writeScenario('/tmp/host-a', {
 *   gpus: [
 *     { capture: captureFolder('nvidia-h100-80gb-hbm3-driver-590.48.01'), state: 'load', uuid: 'GPU-aaaa…' },
 *     { capture: FIXTURE, state: 'idle', trace: readTrace(csv, { pod: 'pod-064', startS: 0 }) },
 *   ],
 * });
 * // then run the agent with FLOTILLA_NVIDIA_SMI=replay.executable
 * replay.update((s) => { s.gpus[0]!.lost = 'absent'; });        // while it runs: from the next round on
 * replay.calls();                                                // every call so far: pid and arguments
 * ```
 *
 * - The answered cells are the capture's own, unit and all; `values` overrides single fields, `trace` gives
 *   `utilization.gpu` and `memory.used` over time (one trace point a round, or by the clock with `speed`).
 * - Public captures have zeroed uuids: give `uuid`, or take `GPU-00000000-0000-0000-0000-00000000000<index + 1>`.
 * - Without real captures (`captureFolder` returns null) use FIXTURE, a small invented machine kept beside this file.
 * - A field that the driver does not know gives the real error text and exit code 2.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync, renameSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This folder; found from the root where a bench has been compiled into one file that lies elsewhere. */
const here = ((beside: string): string => {
  if (existsSync(join(beside, 'replay.mjs'))) return beside;
  return resolve(beside, '../../test/support/nvidia-smi-replay');
})(dirname(fileURLToPath(import.meta.url)));

/** A small invented machine (driver 999.10, one 16 GiB GPU), for when the real captures are absent. */
export const FIXTURE = join(here, 'fixtures', 'test-gpu-driver-999.10');

/** Where real captures and traces lie: FLOTILLA_TEST_DATA, or ../shared/data beside the repository. */
export const testData = (): string => process.env['FLOTILLA_TEST_DATA'] ?? resolve(here, '../../../../shared/data');

/** The folder of one real capture, or null where the real data is absent. */
export function captureFolder(name: string): string | null {
  const folder = join(testData(), 'nvidia-smi', 'captures', name);
  return existsSync(join(folder, 'load.query-gpu.csv')) ? folder : null;
}

export type LostStyle = 'absent' | 'error-line' | 'unknown-error' | 'is-lost' | 'requires-reset';

export interface TracePoint {
  util: number | null;
  mem: number | null;
}

export interface Trace {
  points: TracePoint[];
  /** Seconds between two points of the trace; used with `speed`. */
  stepS: number;
  /** Trace seconds per real second; absent: one point a round, from the first in every new process. */
  speed?: number;
  /** Unix ms at which the trace stands at its first point; used with `speed`. */
  startedAtMs?: number;
}

export interface ReplayedProcess {
  pid: number;
  name: string;
  /** As the tool prints it: `2296 MiB`, `[N/A]`. */
  usedMemory: string;
  type?: 'C' | 'G' | 'C+G';
  gpuInstance?: number;
  computeInstance?: number;
}

/** A link of `nvidia-smi nvlink`; what counts, counts from the moment the scenario was written. */
export interface ReplayedLink {
  /** As the tool prints it: `26.562 GB/s`. */
  speed?: string;
  inactive?: boolean;
  replayErrors?: number;
  recoveryErrors?: number;
  crcErrors?: number;
  txKibPerS?: number;
  rxKibPerS?: number;
}

export interface ReplayedMig {
  index: number;
  gpuInstance: number;
  computeInstance: number;
  multiprocessors: number;
  uuid?: string;
  profile?: string;
  total: string;
  reserved: string;
  used: string;
  free: string;
}

export interface ReplayedVgpu {
  id: number;
  /** `GRID A100-10C` */
  name: string;
  uuid?: string;
  vmUuid?: string;
  vmName?: string;
  license?: string;
  /** As the tool prints it: `10240 MiB`. */
  total: string;
  used: string;
}

export interface ReplayedGpu {
  /** A folder with `{idle,load}.query-gpu.csv`. */
  capture: string;
  /** Default load. */
  state?: 'idle' | 'load';
  /** Which row of the capture; default 0. */
  row?: number;
  uuid?: string;
  /** Field → cell; a plain number gets the column's unit, a text is printed as it is (`[N/A]`, `ERR!`). */
  values?: Record<string, string | number>;
  trace?: Trace;
  processes?: ReplayedProcess[];
  /** With `mig.mode.current` Enabled; default: those of the capture. */
  mig?: ReplayedMig[];
  nvlinks?: ReplayedLink[];
  /** With `host_vgpu_mode` in `values`. */
  vgpus?: ReplayedVgpu[];
  lost?: LostStyle;
  /** Loses the GPU in mid run, for every later call too. */
  lostAfterRounds?: number;
  /** How it shows then; default absent. */
  lostStyle?: LostStyle;
}

/** One misbehaviour. `use`: which way of calling it bites (default: all that it fits); `afterRounds`: of the loop. */
export type Fault = {
  use?: 'loop' | 'once' | 'xml' | 'help' | 'list';
  afterRounds?: number;
  /** Bites for so many rounds; default: for ever. */
  times?: number;
} & (
  | { kind: 'hang' } // prints nothing more, ignores SIGTERM
  | { kind: 'exit'; code: number; text?: string } // the real text of 9, 12, 14, 15, 18, 255 unless given
  | { kind: 'garbage' }
  | { kind: 'truncated-xml' }
  | { kind: 'stray'; text: string } // a line between two rounds
  | { kind: 'loop-unknown-error' } // give use: 'loop' and afterRounds: 1 for the T550 that only works in one-shot calls
  | { kind: 'slow-start'; ms: number }
);

export interface Scenario {
  gpus: ReplayedGpu[];
  faults?: Fault[];
  driverVersion?: string;
  /** Fields that this driver shall not know although the capture has them. */
  withoutFields?: string[];
  /** A real `-q -x` document, answered as it is; absent: one made from the GPUs' values. */
  xml?: string;
  crlf?: boolean;
}

export interface Replay {
  /** For FLOTILLA_NVIDIA_SMI. */
  readonly executable: string;
  readonly scenarioPath: string;
  /** Changes the scenario under a running tool; takes effect with its next round or call. */
  update(change: (scenario: Scenario) => void): void;
  /** Every call so far, oldest first. */
  calls(): { pid: number; argv: string[] }[];
}

/** Writes the scenario and its executable into `folder` (made when missing). */
export function writeScenario(folder: string, scenario: Scenario): Replay {
  mkdirSync(folder, { recursive: true });
  const scenarioPath = join(resolve(folder), 'scenario.json');
  const executable = join(resolve(folder), 'nvidia-smi');
  const save = (content: Scenario) => {
    // Renamed into place: a running tool never reads half a file.
    writeFileSync(`${scenarioPath}.new`, JSON.stringify(content, null, 1));
    renameSync(`${scenarioPath}.new`, scenarioPath);
  };
  let now = structuredClone(scenario);
  for (const gpu of now.gpus) if (gpu.trace?.speed) gpu.trace.startedAtMs ??= Date.now();
  save(now);
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const parts = [process.execPath, join(here, 'replay.mjs'), scenarioPath].map(quote).join(' ');
  writeFileSync(executable, `#!/bin/sh\nexec ${parts} "$@"\n`);
  chmodSync(executable, 0o755);
  return {
    executable,
    scenarioPath,
    update(change) {
      now = structuredClone(now);
      change(now);
      save(now);
    },
    calls() {
      const log = join(resolve(folder), 'calls.jsonl');
      if (!existsSync(log)) return [];
      return readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { pid: number; argv: string[] });
    },
  };
}

/**
 * One pod of a utilisation trace (`t_s,pod,gpu_util_pct,gpu_mem_used_mib`; an empty cell is a missing value), from
 * `startS` on. Rows that the trace lacks are missing points, so that the clock stays right.
 *
 * @throws Error when the pod has no row from `startS` on
 */
export function readTrace(
  csvPath: string,
  pick: { pod: string; startS?: number; points?: number; stepS?: number; speed?: number },
): Trace {
  const stepS = pick.stepS ?? 57;
  const startS = pick.startS ?? 0;
  const points: TracePoint[] = [];
  for (const line of readFileSync(csvPath, 'utf8').split('\n').slice(1)) {
    const [t, pod, util, mem] = line.trim().split(',');
    if (pod !== pick.pod || Number(t) < startS) continue;
    const at = Math.round((Number(t) - startS) / stepS);
    while (points.length < at) points.push({ util: null, mem: null });
    points[at] = { util: util ? Number(util) : null, mem: mem ? Number(mem) : null };
  }
  if (points.length === 0) throw new Error(`${csvPath} has no row of ${pick.pod} from second ${startS} on.`);
  return { points: points.slice(0, pick.points ?? points.length), stepS, ...(pick.speed ? { speed: pick.speed } : {}) };
}
