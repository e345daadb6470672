import { useCallback, useMemo, useState } from 'react';

export interface RowSelection<Row> {
  /** By id. What is not on the page any more stays chosen until it is cleared. */
  readonly chosen: ReadonlyMap<number, Row>;
  /** @param range also all from the one that was chosen last */
  readonly toggle: (id: number, range: boolean) => void;
  readonly add: (rows: readonly Row[]) => void;
  readonly remove: (rows: readonly Row[]) => void;
  readonly clear: () => void;
}

/** Which rows are ticked, on this page and on others. @param rows of the page */
export function useSelection<Row extends { readonly id: number }>(rows: readonly Row[]): RowSelection<Row> {
  const [chosen, setChosen] = useState<ReadonlyMap<number, Row>>(new Map());
  const [last, setLast] = useState<number>();
  const add = useCallback(
    (more: readonly Row[]) => setChosen((before) => new Map([...before, ...more.map((row) => [row.id, row] as const)])),
    [],
  );
  const remove = useCallback((gone: readonly Row[]) => {
    const ids = new Set(gone.map(({ id }) => id));
    setChosen((before) => new Map([...before].filter(([id]) => !ids.has(id))));
  }, []);
  const toggle = useCallback(
    (id: number, range: boolean) => {
      const placeOf = (one: number | undefined) => rows.findIndex((row) => row.id === one);
      const [from, to] = [placeOf(last), placeOf(id)];
      if (to < 0) return;
      const among = range && from >= 0 ? rows.slice(Math.min(from, to), Math.max(from, to) + 1) : [rows[to]!];
      if (chosen.has(id)) remove(among);
      else add(among);
      setLast(id);
    },
    [rows, last, chosen, add, remove],
  );
  const clear = useCallback(() => setChosen(new Map()), []);
  return useMemo(() => ({ chosen, toggle, add, remove, clear }), [chosen, toggle, add, remove, clear]);
}
