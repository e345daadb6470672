/** One minute of a GPU that has utilisation readings. */
export interface UtilizationMinute {
  /** The minute's start. */
  readonly at: Date;
  /** NVML utilization.gpu, 0 to 100: the highest reading of the minute. */
  readonly gpuPercent: number;
  /** Seconds between two samples of its source; 0 or absent when unknown. */
  readonly intervalS?: number;
}

export interface IdleThreshold {
  readonly belowPercent: number;
  readonly forMinutes: number;
  /** Time without readings that ends a run of quiet minutes. */
  readonly maxGapSeconds: number;
}

/**
 * Time without readings that ends a run: two lost minutes and the delay of their arrival. The activity rows are kept with
 * it, so it is a constant and not a setting.
 */
export const MAX_GAP_SECONDS = 180;

/**
 * Since when a GPU has been idle, or null if it is not.
 *
 * Idle means: every minute of an unbroken run ending at `now` is below `belowPercent`, and the run spans at least
 * `forMinutes`. Missing data is never idleness: a gap over `maxGapSeconds` (or over twice the source's own interval, where
 * that is longer) ends the run, so an agent that stopped reporting cannot get its instance stopped.
 *
 * @param minutes ascending by `at`; minutes without a reading are left out
 * @throws RangeError when `minutes` is out of order (a bug in the caller)
 */
export function idleSince(minutes: readonly UtilizationMinute[], threshold: IdleThreshold, now: Date): Date | null {
  for (let i = 1; i < minutes.length; i++) {
    if (minutes[i]!.at.getTime() <= minutes[i - 1]!.at.getTime()) throw new RangeError('the minutes are out of order');
  }
  let since: Date | null = null;
  let next = now.getTime();
  for (let i = minutes.length - 1; i >= 0; i--) {
    const minute = minutes[i]!;
    if (isGap(minute, next, threshold.maxGapSeconds) || minute.gpuPercent >= threshold.belowPercent) break;
    since = minute.at;
    next = minute.at.getTime();
  }
  if (!since || now.getTime() - since.getTime() < threshold.forMinutes * 60_000) return null;
  return since;
}

/** Whether between the end of `minute` and `nextMs` lies more time than a source may be silent. */
function isGap(minute: UtilizationMinute, nextMs: number, maxGapSeconds: number): boolean {
  return (nextMs - minute.at.getTime()) / 1000 - 60 > allowedGapSeconds(minute.intervalS ?? 0, maxGapSeconds);
}

/** Seconds that a source with this interval may be silent after a minute ended. */
export function allowedGapSeconds(intervalS: number, maxGapSeconds: number = MAX_GAP_SECONDS): number {
  return Math.max(maxGapSeconds, 2 * intervalS);
}
