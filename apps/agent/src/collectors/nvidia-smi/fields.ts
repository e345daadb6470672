import { COMMON_COLUMNS, OTHER_NAMES, WISH_LIST } from './signals.js';

/** A column of the query: our name for it, and the name that this driver knows it by. */
export interface Column {
  readonly name: string;
  readonly asked: string;
}

/**
 * Every name in the answer to `--help-query-gpu`, aliases included. Names stand alone on a line in quotes, several
 * joined by `or`; descriptions quote words too, but never at the start of a line.
 */
export function parseFieldList(help: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const line of help.split(/\r?\n/)) {
    if (!/^"[^"]+"(\s+or\s+"[^"]+")*\s*$/.test(line)) continue;
    for (const match of line.matchAll(/"([^"]+)"/g)) names.add(match[1] as string);
  }
  return names;
}

/**
 * The wish list as far as this driver goes, each column under the name that it knows. Field lists are not monotonic (595
 * dropped names that 590 had), so nothing is assumed from a version. An empty or unreadable list gives the columns that
 * every driver has.
 */
export function chooseColumns(known: ReadonlySet<string>): Column[] {
  if (!known.has('index') || !known.has('uuid')) return COMMON_COLUMNS.map((name) => ({ name, asked: name }));
  const columns: Column[] = [];
  for (const name of WISH_LIST) {
    const asked = [name, ...(OTHER_NAMES[name] ?? [])].find((candidate) => known.has(candidate));
    if (asked !== undefined) columns.push({ name, asked });
  }
  return columns;
}

/** The field that the tool refused (exit 2, the text is on stdout), or null when the text names none. */
export function refusedField(output: string): string | null {
  return /Field "([^"]+)" is not a valid field to query/.exec(output)?.[1] ?? null;
}

export type Probe = (columns: readonly Column[]) => Promise<{ accepted: boolean; output: string }>;

/**
 * The columns that a driver accepts although its own list said otherwise: takes away the refused one by name, or, where
 * the refusal names none, halves until the guilty ones stand alone. At most about 2 × columns calls.
 */
export async function acceptedColumns(columns: readonly Column[], probe: Probe): Promise<Column[]> {
  if (columns.length === 0) return [];
  const answer = await probe(columns);
  if (answer.accepted) return [...columns];
  const refused = refusedField(answer.output);
  const left = columns.filter((c) => c.asked !== refused);
  if (refused !== null && left.length < columns.length) return acceptedColumns(left, probe);
  if (columns.length === 1) return [];
  const middle = columns.length >> 1;
  return [
    ...(await acceptedColumns(columns.slice(0, middle), probe)),
    ...(await acceptedColumns(columns.slice(middle), probe)),
  ];
}
