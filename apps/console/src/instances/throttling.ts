import { bitSpans } from '../charts/marks';
import type { Mark } from '../charts/marks';
import { usualMs } from '../charts/series';
import type { Span } from '../charts/series';

/** What holds the clocks of a GPU back (NVML clocks event reasons). What every idle or fully used GPU has is left out. */
export const REASONS = [
  { mask: 0x08, key: 'hw_slowdown', words: 'hardware slowdown', tone: 'bad' },
  { mask: 0x40, key: 'hw_thermal', words: 'too hot, slowed by the hardware', tone: 'bad' },
  { mask: 0x80, key: 'power_brake', words: 'power brake from outside', tone: 'bad' },
  { mask: 0x20, key: 'sw_thermal', words: 'too hot, slowed by the driver', tone: 'warn' },
  { mask: 0x04, key: 'power_cap', words: 'at its power limit', tone: 'idle' },
] as const;

export interface Throttled {
  readonly device: string;
  readonly reason: (typeof REASONS)[number];
  readonly spans: readonly Span[];
}

interface BitSeries {
  readonly device: string;
  readonly times: readonly number[];
  /** Bits that were set at any time in the step. */
  readonly values: readonly (number | null)[];
}

/** @param stepMs how long a point lasts at least: samples each ten seconds last ten */
export function throttled(series: readonly BitSeries[], stepMs: number): Throttled[] {
  return series.flatMap(({ device, times, values }) => {
    const lasts = usualMs(times, stepMs);
    return REASONS.map((reason) => ({ device, reason, spans: bitSpans(times, values, reason.mask, lasts) })).filter(
      ({ spans }) => spans.length > 0,
    );
  });
}

/** Marks for what needs somebody: being at the power limit does not, work does that. */
export function throttleMarks(all: readonly Throttled[], nameOf: (device: string) => string): Mark[] {
  return all
    .filter(({ reason }) => reason.key !== 'power_cap')
    .flatMap(({ device, reason, spans }) =>
      spans.map(({ fromMs, toMs }) => ({
        id: `throttle ${device} ${reason.key} ${fromMs}`,
        at: fromMs,
        to: toMs,
        label: `${nameOf(device)}: ${reason.words}`,
        tone: reason.tone === 'bad' ? ('bad' as const) : ('warn' as const),
        kind: 'throttling',
      })),
    );
}
