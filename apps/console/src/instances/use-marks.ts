import { useMemo } from 'react';
import type { Mark, MarkTone } from '../charts/marks';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import type { Range } from '../ui/range';
import type { Details } from './instance-screen';

/** What happened to an instance, as marks on its charts: alerts, starts and stops, errors of the driver, lost data. */
export function useMarks(
  instance: Details,
  range: Range,
  gaps: Schemas['InstanceMetrics']['gaps'] | undefined,
): readonly Mark[] {
  const { id } = instance;
  const alerts = useLoad(
    ['/api/alerts', 'of instance', id],
    () => api.GET('/api/alerts', { params: { query: { instance_id: String(id), limit: 100 } } }),
    { staleTime: 30_000 },
  );
  const actions = useLoad(
    ['/api/actions', 'of instance', id],
    () => api.GET('/api/actions', { params: { query: { instance_id: id, limit: 100 } } }),
    { staleTime: 30_000 },
  );
  const events = useLoad(
    ['/api/events', 'of instance', id, range.isLive ? range.last : `${range.from} ${range.to}`],
    () =>
      api.GET('/api/events', {
        params: {
          query: {
            subject_type: 'instance',
            subject_id: String(id),
            since: range.from,
            limit: 100,
            ...(!range.isLive && { until: range.to }),
          },
        },
      }),
    { staleTime: 30_000, gcTime: 60_000 },
  );
  return useMemo(
    () => [
      ...(alerts.data?.data ?? []).map(alertMark),
      ...(actions.data?.data ?? []).filter((action) => !action.dry_run).map(actionMark),
      ...(events.data?.data ?? []).filter(({ type }) => !type.startsWith('action.')).map(eventMark),
      ...instance.gpus.flatMap(episodeMarks),
      ...(gaps ?? []).map(gapMark),
    ],
    [alerts.data, actions.data, events.data, instance.gpus, gaps],
  );
}

const SEVERITY: Readonly<Record<string, MarkTone>> = { critical: 'bad', high: 'bad', medium: 'warn', low: 'plain' };

function alertMark(alert: Schemas['Alert']): Mark {
  return {
    id: `alert ${alert.id}`,
    at: Date.parse(alert.first_fired_at),
    to: alert.ended_at
      ? Date.parse(alert.ended_at)
      : alert.status === 'active'
        ? Infinity
        : Date.parse(alert.last_fired_at),
    label: `Alert: ${alert.title}`,
    tone: SEVERITY[alert.severity] ?? 'warn',
    kind: 'alert',
    href: `/alerts?alert=${alert.id}`,
  };
}

const OUTCOME: Readonly<Record<string, MarkTone>> = {
  succeeded: 'good',
  failed: 'bad',
  refused: 'warn',
  unknown: 'warn',
};

function actionMark(action: Schemas['Action']): Mark {
  const verb = action.type === 'stop' ? 'Stop' : 'Start';
  return {
    id: `action ${action.id}`,
    at: Date.parse(action.finished_at ?? action.requested_at),
    label: `${verb} by ${action.requester.label}: ${action.status.replaceAll('_', ' ')}`,
    tone: OUTCOME[action.status] ?? 'accent',
    kind: 'action',
    href: `/instances/${action.instance_id}?tab=actions&action=${action.id}`,
  };
}

function eventMark(event: Schemas['Event']): Mark {
  const { old_state: from, new_state: to } = event.data as {
    readonly old_state?: unknown;
    readonly new_state?: unknown;
  };
  const change = typeof from === 'string' && typeof to === 'string' ? `: ${from} to ${to}` : '';
  return {
    id: `event ${event.id}`,
    at: Date.parse(event.timestamp),
    label: `${event.type.replace('.', ' ').replaceAll('_', ' ')}${change}`,
    tone: 'accent',
    kind: 'event',
  };
}

function episodeMarks({ index, episodes }: Details['gpus'][number]): Mark[] {
  return episodes.map(({ kind, code, class: is, count, first_seen, last_seen }) => ({
    id: `${kind} ${index} ${code} ${first_seen}`,
    at: Date.parse(first_seen),
    ...(last_seen !== first_seen && { to: Date.parse(last_seen) }),
    label: `GPU ${index ?? '?'}: ${kind === 'xid' ? 'Xid' : 'SXid'} ${code}${count > 1 ? `, ${count} times` : ''} (${is.replaceAll('_', ' ')})`,
    tone: is === 'application' || is === 'info' ? 'plain' : 'bad',
    kind: 'driver',
  }));
}

const LOST: Readonly<Record<string, string>> = {
  full: 'its spool was full',
  too_old: 'it was too old when it could be sent',
  unreadable: 'its spool could not be read',
  degraded: 'its disk took nothing and the memory was full',
};

const gapMark = ({ from, to, reason, entries }: Schemas['InstanceMetrics']['gaps'][number]): Mark => ({
  id: `gap ${from} ${reason}`,
  at: Date.parse(from),
  to: Date.parse(to),
  label: `The agent lost ${entries} minutes and events: ${LOST[reason] ?? reason}`,
  tone: 'warn',
  kind: 'gap',
});
