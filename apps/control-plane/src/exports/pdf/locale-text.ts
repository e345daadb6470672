import type { ExportKind } from '../../platform/index.js';

/** How a tenant reads numbers and times. */
export interface Reading {
  /** BCP 47. */
  readonly locale: string;
  /** IANA. */
  readonly timezone: string;
}

/** Values as a person of this tenant writes them. What is missing is empty, never 0. */
export class LocaleText {
  private readonly plain: Intl.NumberFormat;
  private readonly money: Intl.NumberFormat;
  private readonly moment: Intl.DateTimeFormat;
  private readonly day: Intl.DateTimeFormat;

  constructor(reading: Reading) {
    const { locale, timezone } = reading;
    this.plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 6 });
    // amounts of a fraction of a cent are real: two decimals at least, six at most
    this.money = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 6 });
    this.moment = new Intl.DateTimeFormat(locale, { timeZone: timezone, dateStyle: 'short', timeStyle: 'medium' });
    // a cost day is a day in UTC wherever it is read
    this.day = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', dateStyle: 'short' });
  }

  /** @param value as PostgreSQL gives it: numeric as text, so that nothing is rounded on the way */
  of(kind: ExportKind, value: unknown): string {
    if (value === null || value === undefined) return '';
    switch (kind) {
      case 'money':
        return this.number(this.money, value);
      case 'integer':
      case 'number':
        return this.number(this.plain, value);
      case 'timestamp':
        return this.moment.format(value as Date);
      case 'date':
        return this.day.format(new Date(`${String(value)}T00:00:00Z`));
      case 'boolean':
        return value === true ? '✓' : '–';
      case 'json':
        return jsonText(value);
      default:
        return String(value);
    }
  }

  private number(format: Intl.NumberFormat, value: unknown): string {
    // a decimal string is formatted digit by digit; as a number it would pass through a double
    return format.format(String(value) as never);
  }
}

function jsonText(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  return Object.entries(value)
    .map(([key, item]) => `${key}=${typeof item === 'string' ? item : JSON.stringify(item)}`)
    .join(', ');
}
