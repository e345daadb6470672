import type { GpuEvidence, Spread, StopEvidence } from './evidence.js';

/**
 * What a machine is doing: off; empty_idle (no process, memory empty, no work); parked (memory held, no work: a loaded
 * model that nobody calls); underused (works a little); busy; unknown (not enough is reported to tell).
 */
export const MACHINE_CLASSES = ['off', 'empty_idle', 'parked', 'underused', 'busy', 'unknown'] as const;
export type MachineClass = (typeof MACHINE_CLASSES)[number];

export const EVIDENCE_KINDS = [
  'sm_activity',
  'gpu_utilization',
  'power',
  'memory',
  'links',
  'network',
  'processes',
] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

export interface Classified {
  readonly class: MachineClass;
  /** What it was told from; what is not listed was not reported. */
  readonly evidence: readonly EvidenceKind[];
  /** One sentence for a person. */
  readonly reason: string;
}

/** From this activity on a GPU is busy and not merely underused; percent. */
export const BUSY_PERCENT = 30;
/** Memory over the empty board that a process must hold at least: a CUDA context takes more. Mebibytes. */
const HELD_MIB = 200;
/** A board that was never emptier than this within two weeks was never seen empty; mebibytes. */
const EMPTY_FLOOR_MIB = 1_024;
/** Power over the learned idle power that still counts as idle. */
const IDLE_POWER_MARGIN = 1.15;
/** A floor above this part of the board's limit is not its idle power: it was never seen idle. */
const FLOOR_OF_LIMIT = 0.35;
/** Utilisation says nothing of copies: above this much traffic on PCIe and NVLink a GPU works. Kilobytes a second (50 MB/s). */
const WORK_LINKS_KB_S = 50_000;
/** A machine that moves this much over its network while its GPUs rest loads or sends something. Bytes a second (20 MB/s). */
const WORK_NETWORK_B_S = 20_000_000;

/**
 * What the machine is doing, from its busiest GPU.
 *
 * SM activity counts more than utilisation, which is 100 % for one tiny kernel; where only utilisation is reported, power
 * and traffic may speak against idleness, never for it.
 *
 * @param belowPercent activity that counts as none; a value at it is activity
 */
export function classifyMachine(evidence: StopEvidence, belowPercent: number): Classified {
  if (evidence.machine.state === 'stopped' || evidence.machine.state === 'terminated') {
    return { class: 'off', evidence: [], reason: `It is ${evidence.machine.state}.` };
  }
  const parts = countedParts(evidence.gpus);
  if (parts.length === 0) {
    return { class: 'unknown', evidence: [], reason: 'No GPU of it is measured, so nobody knows what they do.' };
  }
  const each = parts.map((gpu) => classifyGpu(gpu, evidence, belowPercent));
  const worst = each.reduce((a, b) => (RANK[b.class] > RANK[a.class] ? b : a));
  const used = EVIDENCE_KINDS.filter((kind) => each.some((one) => one.evidence.includes(kind)));
  const traffic = evidence.network;
  if ((worst.class === 'empty_idle' || worst.class === 'parked') && traffic && traffic.p95 >= WORK_NETWORK_B_S) {
    return {
      class: 'underused',
      evidence: [...used, 'network'],
      reason: `Its GPUs rest, but it moves ${megabytes(traffic.p95)} MB/s over the network: it loads or sends something.`,
    };
  }
  return { ...worst, evidence: traffic ? [...used, 'network'] : used };
}

/** Whole GPUs, each by itself or, in MIG mode without readings of its own, by its parts. */
export function countedParts(gpus: readonly GpuEvidence[]): readonly GpuEvidence[] {
  return gpus
    .filter(({ parentUuid }) => parentUuid === null)
    .flatMap((gpu) => {
      if (activityOf(gpu)) return [gpu];
      const parts = gpus.filter((part) => part.parentUuid === gpu.uuid && part.present);
      return parts.length > 0 ? parts : [gpu];
    });
}

function classifyGpu(gpu: GpuEvidence, evidence: StopEvidence, belowPercent: number): Classified {
  const activity = activityOf(gpu);
  if (!gpu.present) return unknown(`GPU ${gpu.uuid} was lost by its driver.`);
  if (!activity) return unknown(`GPU ${gpu.uuid} reports neither SM activity nor utilisation.`);
  const { kind, spread, says } = activity;
  const used: EvidenceKind[] = [kind];
  const highest = Math.max(spread.p95, spread.recentMax ?? 0);
  const at = `${says} ${percent(spread.p95)} % (95th percentile), ${percent(spread.recentMax ?? spread.p95)} % at most in the last minutes`;
  if (highest >= belowPercent) {
    const isBusy = highest >= BUSY_PERCENT;
    const reason = `GPU ${gpu.uuid} works: ${at}.`;
    return { class: isBusy ? 'busy' : 'underused', evidence: used, reason };
  }
  const against = workWithoutUtilisation(gpu, kind, used);
  if (against)
    return { class: 'underused', evidence: used, reason: `GPU ${gpu.uuid} rests by utilisation, but ${against}.` };
  const holders = evidence.processes?.list.filter((one) => one.device === gpu.uuid || one.device === gpu.parentUuid);
  if (holders) used.push('processes');
  const empty = emptyMemory(gpu);
  if (empty !== null) used.push('memory');
  if (holders && holders.length > 0) {
    const names = [...new Set(holders.map(({ name }) => name || 'a process'))].slice(0, 3).join(', ');
    return { class: 'parked', evidence: used, reason: `GPU ${gpu.uuid} is held by ${names} and does no work: ${at}.` };
  }
  // no process of a list that is there holds it: what is in use belongs to the driver
  if (holders || empty === true)
    return { class: 'empty_idle', evidence: used, reason: `GPU ${gpu.uuid} is empty: ${at}.` };
  const held = gpu.memoryUsed;
  return held
    ? {
        class: 'parked',
        evidence: used,
        reason: `GPU ${gpu.uuid} does no work while ${Math.round(held.p95)} MiB of its memory are held: ${at}.`,
      }
    : unknown(`GPU ${gpu.uuid} does no work (${at}), but neither its memory nor its processes are reported.`);
}

/** SM activity where it is reported, utilisation otherwise. */
export function activityOf(gpu: GpuEvidence): { kind: EvidenceKind; spread: Spread; says: string } | null {
  if (gpu.smActivity) return { kind: 'sm_activity', spread: gpu.smActivity, says: 'SM activity' };
  if (gpu.gpuUtilization) return { kind: 'gpu_utilization', spread: gpu.gpuUtilization, says: 'utilisation' };
  return null;
}

/** Whether the memory is as empty as the board was ever seen; null: not known. */
export function emptyMemory({ memoryUsed, memoryFloorMib }: GpuEvidence): boolean | null {
  if (!memoryUsed) return null;
  if (memoryUsed.p95 <= HELD_MIB) return true;
  if (memoryFloorMib === null || memoryFloorMib > EMPTY_FLOOR_MIB) return null;
  return memoryUsed.p95 <= memoryFloorMib + HELD_MIB;
}

/** Signs of work that utilisation does not show; null: none. Adds what was looked at to `used`. */
function workWithoutUtilisation(gpu: GpuEvidence, kind: EvidenceKind, used: EvidenceKind[]): string | null {
  const { links, power, powerFloorW, powerLimitW } = gpu;
  if (links) used.push('links');
  if (links && links.p95 >= WORK_LINKS_KB_S) return `moves ${megabytes(links.p95 * 1000)} MB/s over PCIe and NVLink`;
  if (kind === 'sm_activity' || !power || powerLimitW === null || powerFloorW === null) return null;
  if (powerFloorW > powerLimitW * FLOOR_OF_LIMIT) return null;
  used.push('power');
  // a context alone lifts the clocks, and with them the power, well over the idle board: only real work passes both marks
  if (power.p95 < Math.max(powerFloorW * IDLE_POWER_MARGIN, powerLimitW * FLOOR_OF_LIMIT)) return null;
  return `draws ${Math.round(power.p95)} W where its idle board draws ${Math.round(powerFloorW)} W`;
}

const RANK: Readonly<Record<MachineClass, number>> = {
  off: 0,
  empty_idle: 1,
  parked: 2,
  unknown: 3,
  underused: 4,
  busy: 5,
};
const unknown = (reason: string): Classified => ({ class: 'unknown', evidence: [], reason });
const percent = (value: number) => Math.round(value * 10) / 10;
const megabytes = (bytes: number) => Math.round(bytes / 1_000_000);
