/** How the axis of time is written: as fine as its steps are. Pure. */

const DAY = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function written(ms: number, timeZone: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${timeZone} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.DateTimeFormat(undefined, { timeZone, ...options })));
  return format.format(ms);
}

const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const DATE: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' };

/**
 * The words under the ticks. The day stands under the first tick and under each one that begins another day.
 *
 * @param stepMs from tick to tick
 */
export function tickWords(ticks: readonly number[], stepMs: number, timeZone: string): string[] {
  if (stepMs >= 28 * DAY) return ticks.map((tick) => written(tick, timeZone, { month: 'short', year: 'numeric' }));
  if (stepMs >= DAY) return ticks.map((tick) => written(tick, timeZone, DATE));
  const clock: Intl.DateTimeFormatOptions = stepMs < 60_000 ? { ...CLOCK, second: '2-digit' } : CLOCK;
  let day = '';
  return ticks.map((tick) => {
    const today = written(tick, timeZone, DATE);
    const time = written(tick, timeZone, clock);
    if (today === day) return time;
    day = today;
    return `${time}\n${today}`;
  });
}

/** A moment at the cursor, as fine as the points are. */
export function momentWords(ms: number, stepMs: number, timeZone: string): string {
  if (stepMs >= DAY)
    return written(ms, timeZone, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
  return written(ms, timeZone, { ...DATE, ...CLOCK, ...(stepMs < 60_000 && { second: '2-digit' }) });
}

export interface Bounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/**
 * The range of the axis of values: from 0 where the values allow it, with room above. A bound that is given holds
 * unless the values go over it.
 */
export function valueRange(low: number | null, high: number | null, { min, max }: Bounds): readonly [number, number] {
  if (low === null || high === null) return [min ?? 0, max ?? 1];
  const bottom = Math.min(low, min ?? 0);
  const top = Math.max(high, max ?? high);
  if (max !== undefined && top <= max) return [bottom, max];
  const room = (top - bottom || Math.abs(top) || 1) * 0.08;
  return [bottom < 0 && min === undefined ? bottom - room : bottom, top + room];
}
