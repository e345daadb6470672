/** What stands where there is no value: missing is missing, never 0. */
export const NONE = '–';

let locale: string | undefined;
const numbers = new Map<string, Intl.NumberFormat>();

/** How numbers are written. @param tag BCP 47; undefined: as the browser writes them */
export function setLocale(tag: string | undefined): void {
  locale = tag;
  numbers.clear();
}

function format(value: number, options: Intl.NumberFormatOptions): string {
  const key = JSON.stringify(options);
  let one = numbers.get(key);
  if (!one) numbers.set(key, (one = new Intl.NumberFormat(locale, options)));
  return one.format(value);
}

type Maybe = number | null | undefined;
const present = (value: Maybe): value is number => value !== null && value !== undefined && Number.isFinite(value);

/** @param value percent, 0 to 100 */
export const percent = (value: Maybe, digits = 0): string =>
  present(value) ? `${format(value, { minimumFractionDigits: digits, maximumFractionDigits: digits })} %` : NONE;

export const count = (value: Maybe): string => (present(value) ? format(value, { maximumFractionDigits: 0 }) : NONE);

export const decimal = (value: Maybe, digits = 1): string =>
  present(value) ? format(value, { maximumFractionDigits: digits }) : NONE;

export const celsius = (value: Maybe): string =>
  present(value) ? `${format(value, { maximumFractionDigits: 0 })} °C` : NONE;

export const watts = (value: Maybe): string =>
  present(value) ? `${format(value, { maximumFractionDigits: 0 })} W` : NONE;

/** Cents below 1,000, whole units above; prices of an hour keep what they need. */
export function money(value: Maybe, currency: string, digits?: number): string {
  if (!present(value)) return NONE;
  const shown = digits ?? (Math.abs(value) >= 1_000 ? 0 : 2);
  return format(value, { style: 'currency', currency, minimumFractionDigits: shown, maximumFractionDigits: shown });
}

/** Memory as people say it. @param value mebibytes. */
export function bytesOfMebibytes(value: Maybe): string {
  if (!present(value)) return NONE;
  return value >= 1_024
    ? `${format(value / 1_024, { maximumFractionDigits: 1 })} GiB`
    : `${format(value, { maximumFractionDigits: 0 })} MiB`;
}

/** Seconds as two units at most: 3 d 4 h, 12 min, 8 s. */
export function duration(seconds: Maybe): string {
  if (!present(seconds)) return NONE;
  const units: readonly (readonly [number, string])[] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const first = units.findIndex(([size]) => seconds >= size);
  if (first < 0) return '0 s';
  const [size, name] = units[first]!;
  const whole = Math.floor(seconds / size);
  const next = units[first + 1];
  const rest = next ? Math.floor((seconds - whole * size) / next[0]) : 0;
  return rest > 0 && size > 60 ? `${whole} ${name} ${rest} ${next![1]}` : `${whole} ${name}`;
}

/** How long ago, in one unit. @param now Unix milliseconds */
export function ago(time: string | null | undefined, now: number): string {
  if (!time) return NONE;
  const seconds = (now - Date.parse(time)) / 1000;
  return seconds < 5 ? 'now' : `${duration(seconds).split(' ').slice(0, 2).join(' ')} ago`;
}

/** Great numbers in few characters, as on an axis: 1.4M. */
export const short = (value: Maybe): string =>
  present(value) ? format(value, { notation: 'compact', maximumFractionDigits: 1 }) : NONE;

/** The same of money: $1.4M. */
export const shortMoney = (value: Maybe, currency: string): string =>
  present(value)
    ? format(value, {
        style: 'currency',
        currency,
        notation: 'compact',
        minimumFractionDigits: 0,
        maximumFractionDigits: Math.abs(value) < 1 ? 2 : 1,
      })
    : NONE;

/** A change always says in which direction. */
export const signedMoney = (value: Maybe, currency: string, digits?: number): string =>
  present(value) && value > 0 ? `+${money(value, currency, digits)}` : money(value, currency, digits);

export const signedPercent = (value: Maybe, digits = 1): string =>
  present(value) && value > 0 ? `+${percent(value, digits)}` : percent(value, digits);
