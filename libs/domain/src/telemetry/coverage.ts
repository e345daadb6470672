/** What is known of a minute's samples. */
export interface SampledMinute {
  /** Seconds that have a sample. */
  readonly sampleCount: number;
  /** Seconds between two samples as configured; 0 when unknown. */
  readonly intervalS: number;
}

/**
 * The part of a span that is covered by samples, 0 to 1: samples present ÷ samples expected by the source's interval.
 *
 * A source slower than a minute covers the minutes of its interval with one sample. Without an interval a minute with any
 * sample is covered. More samples than expected (a jittering clock) do not cover more than their minutes.
 *
 * @param minutes those that have samples; missing ones are simply not there
 * @param spanMinutes how many minutes are asked for; at least 1
 */
export function coverage(minutes: readonly SampledMinute[], spanMinutes: number): number {
  if (!(spanMinutes >= 1)) throw new RangeError(`a span of ${spanMinutes} minutes has no coverage`);
  let covered = 0;
  for (const minute of minutes) covered += coveredMinutes(minute);
  return Math.min(1, covered / spanMinutes);
}

function coveredMinutes({ sampleCount, intervalS }: SampledMinute): number {
  if (sampleCount === 0) return 0;
  if (intervalS <= 0) return 1;
  if (intervalS >= 60) return intervalS / 60;
  return Math.min(1, (sampleCount * intervalS) / 60);
}
