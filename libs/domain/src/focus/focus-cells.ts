/** A cell that cannot be read: which column, and what was expected, for the person who made the file. */
export class FocusCellError extends Error {
  constructor(
    readonly column: string,
    value: string,
    expected: string,
  ) {
    super(`${column}: ${JSON.stringify(value.slice(0, 80))} is not ${expected}`);
    this.name = 'FocusCellError';
  }
}

/** How a file writes days that are not ISO 8601: 4/1/25 is April or January, and nobody but its maker knows. */
export type DayOrder = 'iso' | 'mdy' | 'dmy';

/** FOCUS writes what is not there as nothing; many exports write the word. */
export const isNull = (cell: string): boolean => cell === '' || cell === 'NULL' || cell === 'null';

/** Digits of an amount before the point: more is no money that anybody was ever billed. */
const MOST_DIGITS = 15;
const MOST_DECIMALS = 40;
const PLAIN = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,40})?$/;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * A decimal number in plain digits, exact. Exponents are written out: 4.0E-7 is 0.00000040.
 *
 * @throws FocusCellError for what is no number, and for numbers beyond 15 digits before the point or 40 behind it
 */
export function decimalCell(column: string, cell: string): string {
  // as nearly every cell is: nothing to write anew
  if (PLAIN.test(cell)) return cell;
  const [, sign = '', whole = '', fraction = '', exponent] = DECIMAL.exec(cell) ?? [];
  if (whole === '' && fraction === '') throw new FocusCellError(column, cell, 'a decimal number such as -12.50');
  const plain = exponent === undefined ? [whole, fraction] : shifted(whole, fraction, Number(exponent));
  const digits = (plain[0] ?? '').replace(/^0+/, '') || '0';
  const decimals = plain[1] ?? '';
  if (digits.length > MOST_DIGITS || decimals.length > MOST_DECIMALS) {
    throw new FocusCellError(
      column,
      cell,
      `a number of at most ${MOST_DIGITS} digits before the point and ${MOST_DECIMALS} behind it`,
    );
  }
  return `${sign === '-' ? '-' : ''}${digits}${decimals === '' ? '' : `.${decimals}`}`;
}

function shifted(whole: string, fraction: string, exponent: number): [string, string] {
  const digits = whole + fraction;
  const point = whole.length + exponent;
  if (point <= 0) return ['0', '0'.repeat(-point) + digits];
  return [digits.slice(0, point).padEnd(point, '0'), digits.slice(point)];
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s?(Z|UTC|[+-]\d\d:?\d\d)?)?$/;
const SHORT = /^(\d{1,2})\/(\d{1,2})\/(\d{2}|\d{4})$/;

/**
 * A moment as ISO 8601 in UTC. FOCUS asks for UTC, so a time without a zone is UTC.
 *
 * @throws FocusCellError for days that do not exist, and for 4/1/25 unless `order` says what it means
 */
export function timeCell(column: string, cell: string, order: DayOrder): string {
  const iso = ISO.exec(cell);
  if (iso) {
    const [, year, month, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = iso;
    const offset = zone === 'Z' || zone === 'UTC' ? 'Z' : zone.replace(/^(...):?(..)$/, '$1:$2');
    const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
    if (!Number.isNaN(ms) && isRealDay(Number(year), Number(month), Number(day))) return new Date(ms).toISOString();
  }
  const short = SHORT.exec(cell);
  if (short && order !== 'iso') {
    const [first, second, years] = short.slice(1).map(Number) as [number, number, number];
    const [month, day] = order === 'mdy' ? [first, second] : [second, first];
    const year = years < 100 ? 2000 + years : years;
    if (isRealDay(year, month, day)) return new Date(Date.UTC(year, month - 1, day)).toISOString();
  }
  const mend = short && order === 'iso' ? ' (say dates=mdy or dates=dmy, if that is how the file writes them)' : '';
  throw new FocusCellError(column, cell, `a time such as 2026-11-22T10:00:00Z${mend}`);
}

function isRealDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** Tags: a JSON object. Values that are no texts become theirs; a key without a value has an empty one. */
export function tagsCell(column: string, cell: string): Record<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(cell);
  } catch {
    throw new FocusCellError(column, cell, 'a JSON object such as {"team": "search"}');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new FocusCellError(column, cell, 'a JSON object such as {"team": "search"}');
  }
  const tags: Record<string, string> = {};
  for (const [key, value] of Object.entries(parsed)) {
    tags[key] = typeof value === 'string' ? value : value === null || value === true ? '' : JSON.stringify(value);
  }
  return tags;
}

const REMEMBERED = 2_000;

/**
 * The same function with a memory of its last answers, by its first argument: for cells that a file repeats. Faults are not remembered,
 * further arguments only serve their words.
 */
export function remembered<Answer, More extends unknown[]>(
  work: (cell: string, ...more: More) => Answer,
): (cell: string, ...more: More) => Answer {
  const known = new Map<string, Answer>();
  return (cell, ...more) => {
    const before = known.get(cell);
    if (before !== undefined) return before;
    const answer = work(cell, ...more);
    if (known.size >= REMEMBERED) known.clear();
    // a copy: a cell is a slice of the text that it stands in, and would keep all of it in memory
    known.set(` ${cell}`.slice(1), answer);
    return answer;
  };
}
