/** What a list that lives needs to know of its rows. */
interface Row {
  readonly id: number;
}

/**
 * A list that somebody works through while it changes: what is shown stays where it is, and is brought up to date there;
 * what came since waits to be let in.
 */
export interface Inbox<T extends Row> {
  /** Shown, in this order. */
  readonly rows: readonly T[];
  /** Shown, and not in the newest answer any more: it changed so that the filter leaves it out. */
  readonly left: ReadonlySet<number>;
  /** In the newest answer and not shown yet. */
  readonly waiting: readonly T[];
}

/** @param before undefined, or nothing shown: everything is let in */
export function settle<T extends Row>(before: Inbox<T> | undefined, answer: readonly T[]): Inbox<T> {
  if (!before || before.rows.length === 0) return { rows: answer, left: new Set(), waiting: [] };
  const now = new Map(answer.map((row) => [row.id, row]));
  const shown = new Set(before.rows.map(({ id }) => id));
  return {
    rows: before.rows.map((row) => now.get(row.id) ?? row),
    left: new Set(before.rows.filter(({ id }) => !now.has(id)).map(({ id }) => id)),
    waiting: answer.filter(({ id }) => !shown.has(id)),
  };
}

/** What somebody dealt with goes at once. @param keep stays where it is: it is being looked at */
export function without<T extends Row>(inbox: Inbox<T>, ids: ReadonlySet<number>, keep: number | null): Inbox<T> {
  const rows = inbox.rows.filter(({ id }) => id === keep || !ids.has(id));
  return { ...inbox, rows, left: new Set([...inbox.left].filter((id) => rows.some((row) => row.id === id))) };
}

/** The row `step` further; the first or last one where there is none. null: nothing is shown. */
export function moved(rows: readonly Row[], from: number | null, step: number): number | null {
  const at = rows.findIndex(({ id }) => id === from);
  if (at < 0) return rows[0]?.id ?? null;
  return rows[Math.min(rows.length - 1, Math.max(0, at + step))]!.id;
}

/** Where the mark stands after some rows went: on the next one that is left, otherwise on the one before. */
export function afterLeaving(rows: readonly Row[], from: number | null, gone: ReadonlySet<number>): number | null {
  if (from === null || !gone.has(from)) return from;
  const at = rows.findIndex(({ id }) => id === from);
  const next = rows.slice(at).find(({ id }) => !gone.has(id)) ?? rows.slice(0, at).findLast(({ id }) => !gone.has(id));
  return next?.id ?? null;
}

/** Every row from one to the other, both included, whichever comes first. */
export function between(rows: readonly Row[], from: number | null, to: number): number[] {
  const ends = [rows.findIndex(({ id }) => id === from), rows.findIndex(({ id }) => id === to)].sort((a, b) => a - b);
  if (ends[0]! < 0) return ends[1]! < 0 ? [] : [to];
  return rows.slice(ends[0], ends[1]! + 1).map(({ id }) => id);
}
