/** The known word that was probably meant, or null when none is near: at most a third of the letters may be wrong. */
export function nearest(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const away = distance(plain(word), plain(candidate));
    if (away < least) {
      least = away;
      best = candidate;
    }
  }
  return best;
}

/** What people mix up without meaning another word. */
const plain = (word: string) => word.toLowerCase().replaceAll('-', '_');

/** Letters to change, add, leave out or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let older: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j] ?? 0, (older[j - 2] ?? 0) + 1);
      }
    }
    [older, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
