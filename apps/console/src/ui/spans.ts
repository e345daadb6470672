const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "90m", "24h", "7d" in milliseconds; undefined: it is nothing of the kind. */
export function spanMs(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const ms = Number(amount) * (UNITS_MS[unit ?? ''] ?? Number.NaN);
  return ms > 0 ? ms : undefined;
}

/** A moment as a field of date and time wants it, on the clock of a zone: 2026-11-22T10:15:30. */
export function toLocal(ms: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(ms);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('year').padStart(4, '0')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}:${of('second')}`;
}

/**
 * The moment at which a zone's clock shows this; undefined: it is no time. A time that the clock skips (spring) counts
 * as the one after the jump; of one that comes twice (autumn) the earlier.
 */
export function parseLocal(text: string, zone: string): number | undefined {
  const asUtc = Date.parse(`${text.length === 16 ? `${text}:00` : text}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  const offset = (ms: number) => Date.parse(`${toLocal(ms, zone)}Z`) - Math.floor(ms / 1000) * 1000;
  const day = 86_400_000;
  const tries = [asUtc - offset(asUtc - day), asUtc - offset(asUtc + day)].sort((a, b) => a - b);
  const shown = (ms: number) => Date.parse(`${toLocal(ms, zone)}Z`);
  return tries.find((ms) => shown(ms) === asUtc) ?? tries.at(-1);
}
