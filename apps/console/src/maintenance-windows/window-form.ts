import { parseLocal, toLocal } from '../ui/spans';
import { formOf, ONCE, ruleOf } from './recurrence';
import type { Recurrence } from './recurrence';
import type { Window } from './windows';

/** A window while somebody writes it; times by the clock of its own zone. */
export interface Draft {
  readonly name: string;
  /** 2026-11-28T02:00 */
  readonly from: string;
  readonly to: string;
  readonly timezone: string;
  readonly recurrence: Recurrence;
  readonly scope: 'all' | 'tags' | 'instance_ids';
  /** key=value, one a line. */
  readonly tags: string;
  readonly instanceIds: readonly number[];
  readonly suppressAlerts: boolean;
  readonly suppressEnforcement: boolean;
}

export const newDraft = (day: string, timezone: string): Draft => ({
  name: '',
  from: `${day}T22:00`,
  to: `${day}T23:59`,
  timezone,
  recurrence: ONCE,
  scope: 'all',
  tags: '',
  instanceIds: [],
  suppressAlerts: true,
  suppressEnforcement: true,
});

export function draftOf(window: Window): Draft {
  const { scope, timezone } = window;
  const local = (iso: string) => toLocal(Date.parse(iso), timezone).slice(0, 16);
  return {
    name: window.name,
    from: local(window.start_time),
    to: local(window.end_time),
    timezone,
    recurrence: formOf(window.recurrence),
    scope: 'tags' in scope ? 'tags' : 'instance_ids' in scope ? 'instance_ids' : 'all',
    tags:
      'tags' in scope
        ? Object.entries(scope.tags)
            .map(([key, value]) => `${key}=${value}`)
            .join('\n')
        : '',
    instanceIds: 'instance_ids' in scope ? scope.instance_ids : [],
    suppressAlerts: window.suppress_alerts,
    suppressEnforcement: window.suppress_enforcement,
  };
}

/** key=value lines. A value may hold further equal signs. */
export function tagsOf(text: string): Record<string, string> {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

const isZone = (zone: string): boolean => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
};

/** What is missing, in words. undefined: it can be asked of the API */
export function problemOf(draft: Draft): string | undefined {
  if (!isZone(draft.timezone)) return 'That is no time zone.';
  const [from, to] = [parseLocal(draft.from, draft.timezone), parseLocal(draft.to, draft.timezone)];
  if (from === undefined || to === undefined) return 'When does it open first, and when does it close?';
  if (to <= from) return 'It closes after it opens.';
  if (draft.scope === 'tags' && Object.keys(tagsOf(draft.tags)).length === 0)
    return 'Which tags? One key=value a line.';
  if (draft.scope === 'instance_ids' && draft.instanceIds.length === 0) return 'Which instances? None is chosen.';
  if (draft.recurrence.kind === 'weekly' && draft.recurrence.days.length === 0) return 'On which days?';
  if (draft.recurrence.kind === 'custom' && draft.recurrence.text.trim() === '') return 'The RRULE is empty.';
  return undefined;
}

/** What the API takes. Only of a draft without a problem. */
export function bodyOf(draft: Draft) {
  const iso = (text: string) => new Date(parseLocal(text, draft.timezone)!).toISOString();
  const scope =
    draft.scope === 'tags'
      ? { tags: tagsOf(draft.tags) }
      : draft.scope === 'instance_ids'
        ? { instance_ids: [...draft.instanceIds] }
        : { all: true as const };
  return {
    name: draft.name.trim(),
    start_time: iso(draft.from),
    end_time: iso(draft.to),
    recurrence: ruleOf(draft.recurrence),
    timezone: draft.timezone,
    scope,
    suppress_alerts: draft.suppressAlerts,
    suppress_enforcement: draft.suppressEnforcement,
  };
}
