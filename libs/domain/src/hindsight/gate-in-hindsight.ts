import { judgeStop, spreadOf } from '../stop-gate/index.js';
import type { GpuEvidence, MachineFacts, StopGateSettings, StopJudgement } from '../stop-gate/index.js';

/** What is known of a machine's past that the gate asks for. Arrays have one value a minute, one array per GPU. */
export interface GatePast {
  readonly firstMinute: number;
  readonly utilization: readonly ArrayLike<number>[];
  readonly memoryUsedMib: readonly ArrayLike<number>[];
  readonly gpuUuids: readonly string[];
  readonly gpuMemoryTotalMib: readonly (number | null)[];
  /** What the driver itself holds of each: lowestSeen of its memory. */
  readonly gpuMemoryFloorMib: readonly (number | null)[];
}

/** The lowest of all values that are there; null: there is none. */
export function lowestSeen(values: ArrayLike<number>): number | null {
  let lowest = Infinity;
  for (let m = 0; m < values.length; m++) if (values[m]! < lowest) lowest = values[m]!;
  return lowest === Infinity ? null : lowest;
}

/**
 * What the safe-stop gate says of a stop in the past, from what the past still tells.
 *
 * Highest readings stand for the means, which are not read: that can only make a machine look busier. Lists of processes,
 * bills, maintenance windows and calls of models of that time are not asked for.
 *
 * @param machine as it is now, but for its state and since when it had it
 * @param windowMinutes of evidence before the stop
 */
export function gateInHindsight(
  past: GatePast,
  machine: MachineFacts,
  triggerMinute: number,
  windowMinutes: number,
  belowPercent: number,
  settings?: StopGateSettings,
): StopJudgement {
  const end = triggerMinute + 1 - past.firstMinute;
  const begin = Math.max(0, end - windowMinutes);
  const cut = (values: ArrayLike<number>) =>
    ArrayBuffer.isView(values)
      ? (values as Float32Array).subarray(begin, end)
      : Array.from({ length: end - begin }, (_, i) => values[begin + i]!);
  const gpus = past.utilization.map((values, g): GpuEvidence => {
    const utilization = cut(values);
    const memory = past.memoryUsedMib[g] === undefined ? null : cut(past.memoryUsedMib[g]);
    let known = 0;
    for (let m = 0; m < utilization.length; m++) if (!Number.isNaN(utilization[m]!)) known++;
    return {
      uuid: past.gpuUuids[g]!,
      parentUuid: null,
      present: true,
      coverage: utilization.length === 0 ? 0 : known / utilization.length,
      smActivity: null,
      gpuUtilization: spreadOf(utilization, utilization),
      memoryUsed: memory && spreadOf(memory, memory),
      memoryTotalMib: past.gpuMemoryTotalMib[g] ?? null,
      memoryFloorMib: past.gpuMemoryFloorMib[g] ?? null,
      power: null,
      powerFloorW: null,
      powerLimitW: null,
      links: null,
    };
  });
  const toMs = (triggerMinute + 1) * 60_000;
  return judgeStop(
    {
      atMs: toMs,
      machine,
      window: { fromMs: toMs - (end - begin) * 60_000, toMs },
      gpus,
      hostCoverage: null,
      network: null,
      processes: null,
      callsServed: null,
      commitment: null,
      maintenance: null,
      openAction: null,
    },
    { belowPercent, ...(settings && { settings }) },
  );
}
