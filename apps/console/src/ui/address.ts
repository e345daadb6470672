import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'wouter';

type Change<T> = { readonly [K in keyof T]?: string | null };

/**
 * The state of a screen, kept in its address, so that it can be sent to somebody and survives a reload.
 *
 * @param defaults what holds where the address says nothing; such values are left out of it
 * @returns the values, and a function that changes some; `push` for a step that "back" should undo
 */
export function useAddress<T extends Readonly<Record<string, string>>>(
  defaults: T,
): readonly [{ readonly [K in keyof T]: string }, (change: Change<T>, how?: { readonly push?: boolean }) => void] {
  const [search, setSearch] = useSearchParams();
  // defaults are written in place by callers: a new object at each drawing that says the same
  const key = JSON.stringify(defaults);
  const text = search.toString();
  const values = useMemo(() => {
    const known = JSON.parse(key) as T;
    const given = new URLSearchParams(text);
    return Object.fromEntries(Object.entries(known).map(([name, value]) => [name, given.get(name) ?? value])) as {
      readonly [K in keyof T]: string;
    };
  }, [key, text]);
  const change = useCallback(
    (changes: Change<T>, { push = false } = {}) =>
      setSearch(
        (before) => {
          const known = JSON.parse(key) as Record<string, string>;
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changes)) {
            if (value === null || value === undefined || value === known[name]) next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: !push },
      ),
    [key, setSearch],
  );
  return [values, change];
}
