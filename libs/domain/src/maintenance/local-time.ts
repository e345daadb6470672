/**
 * What the clocks of a time zone show at a moment, written as if it were UTC: one number to reckon with.
 *
 * @param timeZone IANA name @throws RangeError for an unknown zone
 */
export function wallOf(epochMs: number, timeZone: string): number {
  const parts = clockOf(timeZone).formatToParts(epochMs);
  const part = (type: string) => Number(parts.find((one) => one.type === type)!.value);
  const seconds = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return seconds + (((epochMs % 1000) + 1000) % 1000);
}

/**
 * The moment at which the clocks of a time zone show `wall`. A time that comes twice (clocks go back) is its first; one
 * that never comes (clocks go forward) is as much later as the clocks jump: 02:30 becomes 03:30.
 */
export function epochOf(wall: number, timeZone: string): number {
  const offsetAt = (epochMs: number) => wallOf(epochMs, timeZone) - epochMs;
  const before = wall - offsetAt(wall - DAY_MS);
  if (wallOf(before, timeZone) === wall) return before;
  const after = wall - offsetAt(wall + DAY_MS);
  return wallOf(after, timeZone) === wall ? after : before;
}

const DAY_MS = 86_400_000;
/** Making one costs a hundred times what using it does. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  let clock = clocks.get(timeZone);
  if (!clock) {
    const numeric = 'numeric' as const;
    const [year, month, day, hour, minute, second] = Array<typeof numeric>(6).fill(numeric);
    // era: the years before 1 are not asked for, but h23 and a plain calendar are
    clock = new Intl.DateTimeFormat('en-US-u-ca-gregory', {
      timeZone,
      hourCycle: 'h23',
      year,
      month,
      day,
      hour,
      minute,
      second,
    });
    clocks.set(timeZone, clock);
  }
  return clock;
}
