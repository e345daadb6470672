import { useCallback, useMemo, useState } from 'react';

export interface RowSelection {
  readonly chosen: ReadonlySet<number>;
  readonly toggle: (id: number, range: boolean) => void;
  readonly set: (ids: readonly number[]) => void;
}

/** Which rows are ticked; with Shift all from the last one on. What is not on the page any more stays ticked until it is cleared. */
export function useSelection(rows: readonly number[]): RowSelection {
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [last, setLast] = useState<number>();
  const toggle = useCallback(
    (id: number, range: boolean) => {
      setChosen((before) => {
        const next = new Set(before);
        const [from, to] = [last === undefined ? -1 : rows.indexOf(last), rows.indexOf(id)];
        const among = range && from >= 0 ? rows.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
        const on = !before.has(id);
        for (const one of among) {
          if (on) next.add(one);
          else next.delete(one);
        }
        return next;
      });
      setLast(id);
    },
    [rows, last],
  );
  const set = useCallback((ids: readonly number[]) => setChosen(new Set(ids)), []);
  return useMemo(() => ({ chosen, toggle, set }), [chosen, toggle, set]);
}
