import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { formatTime } from '../ui/time';
import type { Opening } from './calendar';

export type Window = Schemas['MaintenanceWindow'];
export interface Shown extends Opening {
  readonly window: Window;
}

export const useWindows = () =>
  useLoad(
    ['/api/maintenance-windows', 'all'],
    () => api.GET('/api/maintenance-windows', { params: { query: { limit: 200 } } }),
    { refetchInterval: 60_000 },
  );

/** When windows are open between two moments; Unix milliseconds. Recurrence is worked out by the control plane. */
export function useOpenings(fromMs: number, toMs: number) {
  const query = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
  return useLoad(
    ['/api/maintenance-windows/openings', query],
    () => api.GET('/api/maintenance-windows/openings', { params: { query } }),
    { placeholderData: (before) => before },
  );
}

export function scopeWords(scope: Window['scope'], nameOf: (id: number) => string): string {
  if ('tags' in scope)
    return `instances with ${Object.entries(scope.tags)
      .map(([key, value]) => `${key} = ${value}`)
      .join(' and ')}`;
  if ('instance_ids' in scope) {
    const { instance_ids: ids } = scope;
    return ids.length <= 3 ? ids.map(nameOf).join(', ') : `${ids.length} instances`;
  }
  return 'everything';
}

export const holdsBack = ({
  suppress_alerts,
  suppress_enforcement,
}: Pick<Window, 'suppress_alerts' | 'suppress_enforcement'>) =>
  suppress_alerts && suppress_enforcement
    ? 'alerts and enforcement'
    : suppress_alerts
      ? 'alerts'
      : suppress_enforcement
        ? 'enforcement'
        : 'nothing';

const clock = (iso: string, zone: string) => formatTime(iso, zone, { timeStyle: 'short' });

/** "Sat, Nov 28, 7:00 AM – 11:00 AM"; the day of the end only where it is another one. */
export function spanWords({ starts_at, ends_at }: Pick<Opening, 'starts_at' | 'ends_at'>, zone: string): string {
  const day = (iso: string) => formatTime(iso, zone, { weekday: 'short', day: 'numeric', month: 'short' });
  const end = day(starts_at) === day(ends_at) ? clock(ends_at, zone) : `${day(ends_at)}, ${clock(ends_at, zone)}`;
  return `${day(starts_at)}, ${clock(starts_at, zone)} – ${end}`;
}
export { clock };
