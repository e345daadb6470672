/**
 * What a GPU is doing at this moment: busy; held (quiet for long, memory held: nobody else can use it and it does
 * nothing); idle (quiet for long and empty); off (its machine is); unknown (not enough is reported).
 *
 * A glance for a map, from the newest values. Whether a machine may be stopped is for the stop gate, which looks at a
 * whole window.
 */
export const GPU_NOW = ['busy', 'held', 'idle', 'off', 'unknown'] as const;
export type GpuNow = (typeof GPU_NOW)[number];

export interface GpuGlance {
  /** State of its instance; `stopped` and `terminated` are off. */
  readonly instanceState: string;
  readonly present: boolean;
  /** Minutes for which it has been quiet; null: not quiet, or no recent reading says so. */
  readonly quietMinutes: number | null;
  /** Age of its newest reading in seconds; null: there is none. */
  readonly readingAgeS: number | null;
  /** Percent; null: not reported. */
  readonly utilization: number | null;
  /** Mebibytes in use; null: not reported. */
  readonly memoryUsedMib: number | null;
}

/** An older reading says nothing of now. Seconds. */
export const GLANCE_FRESH_S = 180;
/** More than the driver itself keeps of an empty board; a CUDA context takes more. Mebibytes. */
const HELD_MIB = 1_024;

/** @param forMinutes how long a GPU must be quiet before it counts as held or idle */
export function gpuNow(glance: GpuGlance, forMinutes: number): GpuNow {
  if (glance.instanceState === 'stopped' || glance.instanceState === 'terminated') return 'off';
  if (!glance.present || glance.readingAgeS === null || glance.readingAgeS > GLANCE_FRESH_S) return 'unknown';
  if (glance.quietMinutes !== null && glance.quietMinutes >= forMinutes) {
    if (glance.memoryUsedMib === null) return 'unknown';
    return glance.memoryUsedMib > HELD_MIB ? 'held' : 'idle';
  }
  return glance.utilization === null ? 'unknown' : 'busy';
}
