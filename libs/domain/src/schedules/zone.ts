const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Offset of one UTC day from UTC, in minutes: one, or two with the moment at which the second begins. */
interface DayOffset {
  readonly minutes: number;
  /** The first millisecond with `after`; Infinity on the 363 days of a year on which clocks stay as they are. */
  readonly changesAtMs: number;
  readonly after: number;
}

/** Days kept per zone: thirteen months are 396, and asking anew costs two readings of a calendar. */
const DAYS_KEPT = 2_000;

/**
 * How far a zone's wall clock is from UTC, read from the calendar of the platform twice a day and not once a minute: a
 * month of minutes costs 31 lookups. Two changes of the clock within one UTC day have never been decreed.
 */
class Zone {
  private readonly days = new Map<number, DayOffset>();
  private readonly clock: Intl.DateTimeFormat;

  /** @throws RangeError when the platform does not know the zone */
  constructor(name: string) {
    this.clock = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  }

  /** Minutes that the wall clock is ahead of UTC; and until when that holds, at most to the end of the UTC day. */
  at(epochMs: number): { readonly minutes: number; readonly untilMs: number } {
    const day = Math.floor(epochMs / DAY_MS);
    const offset = this.days.get(day) ?? this.read(day);
    if (epochMs >= offset.changesAtMs) return { minutes: offset.after, untilMs: (day + 1) * DAY_MS };
    return { minutes: offset.minutes, untilMs: Math.min(offset.changesAtMs, (day + 1) * DAY_MS) };
  }

  private read(day: number): DayOffset {
    let [before, since] = [day * DAY_MS, (day + 1) * DAY_MS];
    const [minutes, after] = [this.measure(before), this.measure(since)];
    if (minutes !== after) {
      while (since - before > MINUTE_MS) {
        const middle = before + Math.floor((since - before) / 2 / MINUTE_MS) * MINUTE_MS;
        if (this.measure(middle) === minutes) before = middle;
        else since = middle;
      }
    }
    const offset = { minutes, after, changesAtMs: minutes === after ? Infinity : since };
    if (this.days.size >= DAYS_KEPT) this.days.clear();
    this.days.set(day, offset);
    return offset;
  }

  private measure(epochMs: number): number {
    const read: Record<string, number> = {};
    for (const part of this.clock.formatToParts(epochMs)) read[part.type] = Number(part.value);
    const wall = Date.UTC(read['year']!, read['month']! - 1, read['day'], read['hour'], read['minute']);
    return Math.round((wall - epochMs) / MINUTE_MS);
  }
}

const zones = new Map<string, Zone>();

/** @throws RangeError when the platform does not know the zone */
export function zoneOf(name: string): Zone {
  // names are the same in any case: as many entries as zones, whatever people write
  const key = name.toLowerCase();
  let zone = zones.get(key);
  if (!zone) {
    zone = new Zone(name);
    zones.set(key, zone);
  }
  return zone;
}

/** Whether the platform knows a zone by this name (IANA, `Europe/Berlin`; `UTC`). */
export function isTimeZone(name: string): boolean {
  try {
    zoneOf(name);
    return true;
  } catch {
    return false;
  }
}
