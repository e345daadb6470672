import type { Absence } from '../collector.js';

/** What one cell of nvidia-smi's output says: a number with the unit that stood beside it, a word, or why nothing. */
export type Cell =
  | { readonly kind: 'number'; readonly value: number; readonly unit: string }
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'absent'; readonly why: Absence; readonly spelling: string };

/** Every spelling of "no value" seen so far, brackets and case taken off. */
const NO_VALUE: Readonly<Record<string, Absence>> = {
  '': 'unsupported',
  '-': 'unsupported',
  'n/a': 'unsupported',
  'not supported': 'unsupported',
  'not available': 'unsupported',
  'not found': 'unsupported',
  'function not found': 'unsupported',
  'requested functionality has been deprecated': 'unsupported',
  'insufficient permissions': 'forbidden',
  'no permission': 'forbidden',
  'not permitted': 'forbidden',
  redacted: 'forbidden',
  'unknown error': 'fault',
  'gpu is lost': 'fault',
  'gpu requires reset': 'fault',
  'err!': 'fault',
  err: 'fault',
  error: 'fault',
  timeout: 'fault',
};

/**
 * DCGM's blank values and NVML's all-ones, which leak through tools as if they were measured. The last digit of a DCGM
 * blank says which: blank, not found, not supported, not permitted.
 * Source: dcgm_structs.h (DCGM_INT32_BLANK, DCGM_INT64_BLANK, DCGM_FP64_BLANK and the three after each).
 */
const BLANKS: ReadonlyMap<string, Absence> = new Map([
  ...[2147483632n, 9223372036854775792n, 140737488355328n].flatMap((blank): [string, Absence][] => [
    [String(blank), 'unsupported'],
    [String(blank + 1n), 'unsupported'],
    [String(blank + 2n), 'unsupported'],
    [String(blank + 3n), 'forbidden'],
  ]),
  ['4294967295', 'unsupported'],
  ['18446744073709551615', 'unsupported'],
  // the all-ones byte count as mebibytes: rounded down and up
  ['17592186044415', 'unsupported'],
  ['17592186044416', 'unsupported'],
]);
const BLANK_HEX = /^0x(f{8}|f{16})$/i;
const NUMBER = /^([+-]?\d+(?:\.\d+)?)(?:\s*([%A-Za-z][A-Za-z/]*))?$/;
const HEX = /^0x[0-9a-f]+$/i;
/** What nearly every cell of the loop is; the blanks above are all longer. */
const PLAIN = /^[+-]?\d+(?:\.\d+)?$/;
const SHORTEST_BLANK = 10;

const absent = (why: Absence, spelling: string): Cell => ({ kind: 'absent', why, spelling });

/**
 * Reads one cell, with or without its unit, padded or not. Numbers always have a point, never a comma. A word in
 * brackets that nobody has seen before is a fault: brackets are how the tool says that it could not answer.
 */
export function readCell(raw: string): Cell {
  const text = raw.trim();
  if (text.length < SHORTEST_BLANK && PLAIN.test(text)) return { kind: 'number', value: Number(text), unit: '' };
  const bracketed = /^\[(.*)\]$/.exec(text);
  const bare = (bracketed?.[1] ?? text).trim();
  const why = NO_VALUE[bare.toLowerCase()];
  if (why !== undefined) return absent(why, text);
  if (bracketed) return absent('fault', text);

  // Masks first: to a reader of numbers with units 0xFF is a 0 of some unit.
  if (HEX.test(text)) {
    return BLANK_HEX.test(text) ? absent('unsupported', text) : { kind: 'number', value: Number(text), unit: '' };
  }
  const number = NUMBER.exec(text);
  if (number) {
    const digits = number[1] as string;
    const blank = BLANKS.get(digits.replace(/\.0+$/, ''));
    if (blank !== undefined) return absent(blank, text);
    return { kind: 'number', value: Number(digits), unit: number[2] ?? '' };
  }
  return { kind: 'word', word: text };
}

/**
 * The cell as a number in the unit that the column has. Another unit, or a word where a number belongs, is a fault: the
 * tool's language changed, and guessing would put a wrong number on somebody's screen.
 */
export function numberOf(cell: Cell, unit: string): number | Absence {
  if (cell.kind === 'absent') return cell.why;
  if (cell.kind === 'word') return 'fault';
  return cell.unit === '' || cell.unit === unit ? cell.value : 'fault';
}

/** The cell as text, or undefined where there is none. */
export function wordOf(cell: Cell | undefined): string | undefined {
  if (cell === undefined || cell.kind === 'absent') return undefined;
  return cell.kind === 'word' ? cell.word : String(cell.value);
}
