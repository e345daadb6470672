interface Fired {
  readonly instance: { readonly id: number } | null;
  readonly first_fired_at: string;
  readonly last_fired_at: string;
  readonly ended_at: string | null;
}

const AROUND_MS = 30 * 60_000;
const MOST_MS = 24 * 3_600_000;

/**
 * The charts of its instance when it fired, with half an hour on both sides. One that has lasted long is shown where it
 * last began. null: it is about no instance
 */
export function chartOf(alert: Fired, now = Date.now()): string | null {
  if (!alert.instance) return null;
  const last = Date.parse(alert.last_fired_at);
  const end = Math.min(alert.ended_at ? Math.max(last, Date.parse(alert.ended_at)) : last, last + MOST_MS);
  const begin = Math.max(Date.parse(alert.first_fired_at), last - MOST_MS);
  const iso = (ms: number) => encodeURIComponent(new Date(ms).toISOString());
  return `/instances/${alert.instance.id}?from=${iso(begin - AROUND_MS)}&to=${iso(Math.min(now, end + AROUND_MS))}`;
}
