import type { KnownProcess } from './outcome.js';

/** Start times are read in ticks since boot and rounded on the way. */
const SAME_START_MS = 2_500;

/**
 * The processes that a request did not know of. A process is known again by its number together with its start time, or,
 * where one side has no start time, with its name: numbers are used again.
 */
export function unknownProcesses(
  now: readonly KnownProcess[],
  known: readonly KnownProcess[],
): readonly KnownProcess[] {
  return now.filter((process) => !known.some((old) => isSame(process, old)));
}

function isSame(a: KnownProcess, b: KnownProcess): boolean {
  if (a.pid !== b.pid) return false;
  if (a.startedAtMs > 0 && b.startedAtMs > 0) return Math.abs(a.startedAtMs - b.startedAtMs) <= SAME_START_MS;
  return a.name === b.name || a.name === '' || b.name === '';
}

/** Names up to five of the processes that a request did not know of; null: there is none. */
export function strangersSentence(strangers: readonly KnownProcess[]): string | null {
  if (strangers.length === 0) return null;
  const named = strangers.slice(0, 5).map(({ pid, name, device }) => {
    const where = device ? ` on ${device}` : '';
    return `${pid}${name ? ` (${name})` : ''}${where}`;
  });
  const more = strangers.length > named.length ? ` and ${strangers.length - named.length} more` : '';
  return `a process computes on its GPUs that the request did not know of: ${named.join(', ')}${more}. Look, and ask again; force stops it all the same`;
}
