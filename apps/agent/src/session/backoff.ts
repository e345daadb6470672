/** Full jitter between nothing and 1 s, doubled with each failure in a row, up to 60 s. */
export const FIRST_MS = 1_000;
export const LONGEST_MS = 60_000;
/** A stream that lived this long was a success: the next failure begins anew. */
export const STABLE_MS = 120_000;
/** The first connection is spread over this long where many hosts may have started together. */
export const STORM_JITTER_MS = 10_000;
/** A host that booted more recently may have done so with its whole rack. */
const FRESH_BOOT_S = 300;

/**
 * How long to wait before the next attempt.
 *
 * @param failures attempts that failed in a row, at least 1
 * @param random 0 to 1
 */
export function backoffMs(failures: number, random: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
  // never nothing: a server that refuses at once must not be asked thousands of times a second
  return Math.max(50, Math.round(ceiling * random));
}

/**
 * How long the first connection of a process waits. A start by hand, an update or a crash connects at once, so that a
 * new host shows data within seconds; only a host that just booted spreads itself, because after a power cut a whole
 * site comes back together (5,000 at once blocked a control plane for 52 s, spread over 10 s for 31 s).
 */
export function firstDelayMs(hostUptimeS: number, random: number): number {
  return hostUptimeS < FRESH_BOOT_S ? Math.round(STORM_JITTER_MS * random) : 0;
}
