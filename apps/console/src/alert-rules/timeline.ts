/** One time that a rule would have fired, as the API tells it. */
export interface Firing {
  readonly instance: { readonly id: number; readonly name: string } | null;
  readonly from: string;
  readonly to: string | null;
  readonly minutes: number;
  readonly notified: boolean;
}

export interface Bar {
  /** Percent of the span. */
  readonly left: number;
  readonly width: number;
  readonly firing: Firing;
}

export interface Track {
  /** null: the tenant as a whole */
  readonly id: number | null;
  readonly name: string;
  readonly bars: readonly Bar[];
  readonly minutes: number;
}

/** Narrower would not be seen. */
const LEAST_PERCENT = 0.35;

/** A line for each instance, those on which it fired longest first. @param fromMs begin of the span; Unix milliseconds */
export function tracksOf(firings: readonly Firing[], fromMs: number, toMs: number): Track[] {
  const tracks = new Map<number | null, { id: number | null; name: string; bars: Bar[]; minutes: number }>();
  for (const firing of firings) {
    const id = firing.instance?.id ?? null;
    let track = tracks.get(id);
    if (!track)
      tracks.set(id, (track = { id, name: firing.instance?.name ?? 'The whole tenant', bars: [], minutes: 0 }));
    const begin = Math.max(fromMs, Date.parse(firing.from));
    const end = Math.min(toMs, firing.to === null ? toMs : Date.parse(firing.to));
    const percent = (ms: number) => (ms / (toMs - fromMs)) * 100;
    const width = Math.max(LEAST_PERCENT, percent(Math.max(0, end - begin)));
    track.bars.push({ left: Math.min(100 - width, percent(begin - fromMs)), width, firing });
    track.minutes += firing.minutes;
  }
  return [...tracks.values()].sort((a, b) => b.minutes - a.minutes || a.name.localeCompare(b.name));
}

/** Midnights of a zone inside a span, so many that their words do not touch. @param dayOf the local day of a moment, as YYYY-MM-DD */
export function daysBetween(fromMs: number, toMs: number, dayOf: (ms: number) => string, most = 7): number[] {
  const HOUR_MS = 3_600_000;
  const midnights: number[] = [];
  let before = dayOf(fromMs);
  for (let at = Math.ceil(fromMs / HOUR_MS) * HOUR_MS; at < toMs; at += HOUR_MS) {
    const day = dayOf(at);
    if (day !== before) midnights.push(at);
    before = day;
  }
  const every = Math.ceil(midnights.length / most);
  return midnights.filter((_, i) => i % every === 0);
}
