import { readCell, wordOf, type Cell } from './cells.js';
import type { Column } from './fields.js';

export type Row = ReadonlyMap<string, Cell>;

/** Columns whose text may hold commas, because the board's maker or the workload chose it. */
const FREE_TEXT = new Set(['name', 'gpu_name', 'process_name']);

/**
 * One row of `--format=csv` as column → cell, or null when the line is no row of this query (an error line, a warning, a
 * header, garbage). The format neither quotes nor escapes, so a free-text column takes the cells that are left over when
 * the others were read from both ends; with two of them a row with extra commas cannot be read and is null.
 */
export function parseRow(line: string, columns: readonly Column[]): Row | null {
  const cells = line.split(',');
  const extra = cells.length - columns.length;
  if (extra < 0) return null;
  const free = columns.flatMap((c, i) => (FREE_TEXT.has(c.name) ? [i] : []));
  if (extra > 0) {
    if (free.length !== 1) return null;
    const at = free[0] as number;
    cells.splice(at, extra + 1, cells.slice(at, at + extra + 1).join(','));
  }
  // Free text is kept as it is: a board called "N/A 16GB" or a process called "40 %" is no cell to interpret.
  const row = new Map(
    columns.map((c, i): [string, Cell] => {
      const text = cells[i] as string;
      return [c.name, FREE_TEXT.has(c.name) ? { kind: 'word', word: text.trim() } : readCell(text)];
    }),
  );
  return isPlausible(row) ? row : null;
}

/** Guards against a line of something else that happens to have as many commas: index and uuid have known shapes. */
function isPlausible(row: Row): boolean {
  const index = row.get('index');
  const uuid = row.get('uuid');
  if (index?.kind === 'word' || (index?.kind === 'absent' && index.why !== 'fault')) return false;
  if (index?.kind === 'number' && !(Number.isInteger(index.value) && index.value >= 0)) return false;
  if (uuid?.kind === 'number') return false;
  return !(uuid?.kind === 'word' && !/^(GPU|MIG)-\S+$/.test(uuid.word));
}

export const uuidOf = (row: Row): string | undefined => wordOf(row.get('uuid'));

/** The index that the driver gave to the GPU in this round; it moves when a GPU drops. */
export function indexOf(row: Row): number | undefined {
  const cell = row.get('index');
  return cell?.kind === 'number' ? cell.value : undefined;
}
