import { allowedGapSeconds, MAX_GAP_SECONDS } from '../idle/idle-since.js';
import type { Staircase } from '../idle/staircase.js';
import { strangersSentence, unknownProcesses } from './known-processes.js';
import type { KnownProcess } from './outcome.js';

/** One GPU of an instance, or one MIG instance of a GPU, as the control plane knows it. */
export interface ReportedGpu {
  readonly uuid: string;
  /** The GPU that a MIG instance is a part of; null for a GPU. */
  readonly parentUuid: string | null;
  readonly present: boolean;
  /** null: no utilisation was ever reported of it. */
  readonly stairs: Staircase | null;
  /** The newest single reading; null: none. */
  readonly live: { readonly atMs: number; readonly percent: number } | null;
}

/** What is known of an instance at the moment when somebody else is told to stop it. */
export interface ReportedInstance {
  readonly gpus: readonly ReportedGpu[];
  /** How many GPUs its provider says it has; null: not known. */
  readonly gpuCount: number | null;
  /** The processes that compute on its GPUs; null: never reported. */
  readonly processes: { readonly atMs: number; readonly list: readonly KnownProcess[] } | null;
}

/** What a stop asks for; see the offer of an action. */
export interface StopQuestion {
  /** Unix milliseconds. */
  readonly idleSinceMs: number;
  /** Percent; a reading at it counts as busy. */
  readonly belowPercent: number;
  /** null: not asked. */
  readonly knownProcesses: readonly KnownProcess[] | null;
}

/**
 * Seconds that the newest reading may be old. Less than hosts allow themselves between two minutes: what happened since
 * cannot be looked up here, and a machine that has just fallen silent may have begun to work. A minute that is reported by
 * `POST /sync` every 30 s is this old at most.
 */
export const OUTSIDE_FRESH_SECONDS = 120;
/** Seconds that a list of processes may be old; agents read and report it once a minute. */
const PROCESSES_FRESH_SECONDS = 180;

/**
 * Why an instance may not be stopped from outside now, or null. Missing data is never idleness: every GPU has to be
 * vouched for, from `idleSinceMs` until now, with the gaps that hosts allow themselves as well.
 */
export function whyNotStop(instance: ReportedInstance, asked: StopQuestion, nowMs: number): string | null {
  const whole = instance.gpus.filter(({ parentUuid }) => parentUuid === null);
  if (whole.length === 0) {
    return 'nothing was ever measured of its GPUs, so nobody knows whether they are idle. Run an agent on it, or look yourself and ask again with force';
  }
  if (whole.length < (instance.gpuCount ?? 0)) {
    return `only ${whole.length} of its ${instance.gpuCount} GPUs report, so nobody knows whether the others are idle`;
  }
  for (const gpu of whole) {
    const parts = gpu.stairs ? [] : instance.gpus.filter((part) => part.parentUuid === gpu.uuid && part.present);
    const why = (parts.length > 0 ? parts : [gpu]).map((one) => whyNotIdle(one, asked, nowMs)).find(Boolean);
    if (why) return `it is not known to be idle: ${why}`;
  }
  return asked.knownProcesses && whyNotProcesses(instance.processes, asked.knownProcesses, nowMs);
}

function whyNotIdle(gpu: ReportedGpu, { idleSinceMs, belowPercent }: StopQuestion, nowMs: number): string | null {
  const { uuid, stairs, live } = gpu;
  if (!gpu.present) return `${uuid} was lost by its driver`;
  if (!stairs) return `${uuid} reports no utilisation (as GPUs in MIG mode), so nobody knows whether it is idle`;
  const minutesEndMs = (stairs.lastMinuteS + 60) * 1000;
  const newestMs = Math.max(minutesEndMs, live?.atMs ?? 0);
  const freshS = Math.max(OUTSIDE_FRESH_SECONDS, 2 * stairs.lastIntervalS + 60);
  if (nowMs - newestMs > freshS * 1000) return silent(uuid, newestMs, nowMs);
  if (live && live.atMs >= minutesEndMs && live.percent >= belowPercent) return busy(uuid, live.percent, live.atMs);
  const quiet = stairs.levels.filter((level) => level < belowPercent).length;
  if (quiet === 0) return busyMinute(uuid, stairs.levels[0]!, stairs.lastMinuteS);
  // whole minutes: the one in which the question begins does not count
  const fromS = Math.ceil(idleSinceMs / 60_000) * 60;
  const quietFromS = stairs.starts[quiet - 1]!;
  if (quietFromS <= fromS) return null;
  const above = stairs.levels[quiet];
  if (above !== undefined) return busyMinute(uuid, above, quietFromS - 60);
  if (quietFromS - fromS > allowedGapSeconds(stairs.lastIntervalS, MAX_GAP_SECONDS)) {
    return `${uuid} was not watched from ${iso(fromS * 1000)} to ${iso(quietFromS * 1000)}`;
  }
  return null;
}

function whyNotProcesses(
  now: ReportedInstance['processes'],
  known: readonly KnownProcess[],
  nowMs: number,
): string | null {
  if (!now || nowMs - now.atMs > PROCESSES_FRESH_SECONDS * 1000) {
    return 'which processes compute on its GPUs was not reported lately, so a new one cannot be ruled out';
  }
  return strangersSentence(unknownProcesses(now.list, known));
}

const busy = (uuid: string, percent: number, atMs: number) => `${uuid} was at ${round(percent)} % at ${iso(atMs)}`;
const busyMinute = (uuid: string, percent: number, minuteS: number) =>
  `${uuid} was at ${round(percent)} % in the minute ${iso(minuteS * 1000)}`;
const silent = (uuid: string, fromMs: number, toMs: number) =>
  `${uuid} was last heard of at ${iso(fromMs)}, ${Math.round((toMs - fromMs) / 1000)} s ago`;
const iso = (ms: number) => new Date(ms).toISOString();
const round = (percent: number) => Math.round(percent * 10) / 10;
