/** An exact amount: `units` × 10^-`scale`. Money that is divided is integer arithmetic; floats never touch it. */
export interface Exact {
  readonly units: bigint;
  readonly scale: number;
}

/** @throws RangeError for what is not a plain decimal (PostgreSQL's NaN and Infinity are none) */
export function exact(text: string): Exact {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text);
  if (!match) throw new RangeError(`${text} is not a plain decimal number`);
  const [, sign = '', whole = '0', part = ''] = match;
  const units = BigInt(whole + part);
  return { units: sign === '-' ? -units : units, scale: part.length };
}

/** Plain decimal text without trailing zeros: `12.5`, `-0.03`, `0`. */
export function decimalText({ units, scale }: Exact): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const part = digits.slice(digits.length - scale).replace(/0+$/, '');
  const whole = digits.slice(0, digits.length - scale);
  return `${units < 0n ? '-' : ''}${whole}${scale > 0 && part !== '' ? `.${part}` : ''}`;
}

export const atScale = (value: Exact, scale: number): bigint => value.units * 10n ** BigInt(scale - value.scale);

/** The exact sum of decimal strings; `0` of none. */
export function sumDecimals(amounts: readonly string[]): string {
  const parsed = amounts.map(exact);
  const scale = Math.max(0, ...parsed.map((value) => value.scale));
  return decimalText({ units: parsed.reduce((sum, value) => sum + atScale(value, scale), 0n), scale });
}

/** -1, 0 or 1, to the last digit. */
export function compareDecimals(a: string, b: string): number {
  const [left, right] = [exact(a), exact(b)];
  const scale = Math.max(left.scale, right.scale);
  const [x, y] = [atScale(left, scale), atScale(right, scale)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** The exact product. */
export function multiplyDecimals(a: string, b: string): string {
  const [left, right] = [exact(a), exact(b)];
  return decimalText({ units: left.units * right.units, scale: left.scale + right.scale });
}
