/**
 * Who gets a part, as it is written in one line: "search = 3, vision = 1". null: nobody is named.
 *
 * @param weighted whether what stands after the last "=" is a weight; a value may hold "=" itself
 */
export function targetsOf(text: string, weighted: boolean): { value: string; weight: number | null }[] | null {
  const parts = text.split(',').map((part) => part.trim());
  const named = parts.filter((part) => part !== '');
  if (named.length === 0) return null;
  return named.map((part) => {
    const at = weighted ? part.lastIndexOf('=') : -1;
    const weight = Number(part.slice(at + 1).trim() || Number.NaN);
    if (at < 1 || !Number.isFinite(weight)) return { value: part, weight: null };
    return { value: part.slice(0, at).trim(), weight };
  });
}

/** Targets in the one line that `targetsOf` reads. */
export const targetsText = (
  targets: readonly { readonly value: string; readonly weight: number | null }[] | null,
): string => (targets ?? []).map(({ value, weight }) => (weight === null ? value : `${value} = ${weight}`)).join(', ');
