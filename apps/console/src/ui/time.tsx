import { useEffect, useState } from 'react';
import { usePreferences } from '../data/preferences';
import { useTenant } from '../data/tenant';
import { NONE, ago } from './format';

/** The zone in which times are shown, by the person's choice. */
export function useZone(): string {
  const { zone } = usePreferences();
  const tenant = useTenant();
  if (zone === 'utc') return 'UTC';
  if (zone === 'tenant') return tenant?.timezone ?? 'UTC';
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function formatTime(
  time: string | number | Date,
  timeZone: string,
  options?: Intl.DateTimeFormatOptions,
): string {
  return new Intl.DateTimeFormat(undefined, {
    timeZone,
    ...(options ?? { dateStyle: 'medium', timeStyle: 'medium' }),
  }).format(new Date(time));
}

/** A moment in the chosen zone; the whole of it, zone included, on hover and for screen readers. */
export function Time({
  at,
  relative = false,
}: {
  readonly at: string | null | undefined;
  readonly relative?: boolean;
}) {
  const zone = useZone();
  const now = useNow(relative ? 10_000 : 0);
  if (!at) return <span>{NONE}</span>;
  const whole = formatTime(at, zone, { dateStyle: 'full', timeStyle: 'long' });
  return (
    <time dateTime={at} title={whole}>
      {relative ? ago(at, now) : formatTime(at, zone, { dateStyle: 'medium', timeStyle: 'short' })}
    </time>
  );
}

/** The present, told anew every so often. @param everyMs 0: only once */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (everyMs === 0) return;
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
