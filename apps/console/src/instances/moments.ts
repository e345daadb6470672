const AROUND_MS = 30 * 60_000;

/** The part of an address that shows the charts around a moment, or from one to another. @param toMs null: a moment */
export function momentAround(fromMs: number, toMs: number | null, now = Date.now()): string {
  const iso = (ms: number) => new Date(ms).toISOString();
  const to = Math.min(now, (toMs ?? fromMs) + AROUND_MS);
  return new URLSearchParams({ from: iso(fromMs - AROUND_MS), to: iso(Math.max(to, fromMs)) }).toString();
}
