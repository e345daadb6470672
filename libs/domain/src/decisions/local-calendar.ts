import { zoneOf } from '../schedules/zone.js';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** The calendar of a time zone, asked minute by minute. Minutes are Unix minutes. */
export class LocalCalendar {
  private readonly zone: ReturnType<typeof zoneOf>;

  /** @throws RangeError when the platform does not know the zone */
  constructor(timezone: string) {
    this.zone = zoneOf(timezone);
  }

  /** First minute of the local day that a minute is in. */
  dayStart(minute: number): number {
    const local = this.local(minute);
    return this.atLocal(Math.floor(local / DAY_MINUTES) * DAY_MINUTES, minute);
  }

  /** First minute of the local month that a minute is in. */
  monthStart(minute: number): number {
    const day = new Date(this.local(minute) * MINUTE_MS);
    return this.atLocal(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1) / MINUTE_MS, minute);
  }

  /** Whole local days after today until the month ends: 0 on its last day. */
  daysRemaining(minute: number): number {
    const day = new Date(this.local(minute) * MINUTE_MS);
    return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate() - day.getUTCDate();
  }

  private local(minute: number): number {
    return minute + this.zone.at(minute * MINUTE_MS).minutes;
  }

  /** The minute that shows a local time: of two that do, or none that does, the one by the offset that held before. */
  private atLocal(local: number, near: number): number {
    const guess = local - this.zone.at(near * MINUTE_MS).minutes;
    return local - this.zone.at((guess - 1) * MINUTE_MS).minutes;
  }
}
