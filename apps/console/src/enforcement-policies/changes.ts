import { conditionWords } from '../conditions/words';
import type { Metrics } from '../conditions/metrics';
import { duration } from '../ui/format';
import { FIELDS, canonical } from './draft';
import type { Draft } from './draft';
import { scheduleWords, tagWords } from './sentence';

export interface FieldChange {
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

const NAMES: Readonly<Record<(typeof FIELDS)[number], string>> = {
  policy_name: 'Name',
  description: 'Description',
  severity: 'Severity',
  policy_type: 'Type',
  execution_mode: 'Who decides',
  cooldown_minutes: 'Pause between triggers',
  schedule: 'Days and hours',
  conditions: 'Conditions',
  actions: 'Actions',
  scope: 'Instances',
  scope_filter: 'Which instances',
  protect_tags: 'Protection',
  cap_per_run_percent: 'Cap at once',
  cap_per_day_percent: 'Cap of a day',
};
const MODES: Readonly<Record<Draft['execution_mode'], string>> = {
  approval_required: 'a person agrees',
  automatic: 'acts by itself',
  notify_only: 'only tells',
};

/** What one version says otherwise than the one before it, in words. */
export function changesBetween(before: Draft, after: Draft, metrics: Metrics, currency: string): FieldChange[] {
  return FIELDS.filter((field) => canonical(before[field]) !== canonical(after[field])).map((field) => ({
    field: NAMES[field],
    before: words(before, field, metrics, currency),
    after: words(after, field, metrics, currency),
  }));
}

function words(of: Draft, field: (typeof FIELDS)[number], metrics: Metrics, currency: string): string {
  switch (field) {
    case 'conditions':
      return conditionWords(of.conditions, metrics, currency);
    case 'schedule':
      return scheduleWords(of.schedule).replace(/^,\s*/, '') || 'always';
    case 'execution_mode':
      return MODES[of.execution_mode];
    case 'cooldown_minutes':
      return of.cooldown_minutes === 0 ? 'none' : duration(of.cooldown_minutes * 60);
    case 'cap_per_run_percent':
    case 'cap_per_day_percent':
      return `${of[field]} %`;
    case 'protect_tags':
      return of.protect_tags.map(tagWords).join(', ') || 'none';
    case 'actions':
      return of.actions.map((action) => JSON.stringify(action)).join(', ');
    case 'scope_filter':
      return JSON.stringify(of.scope_filter);
    default:
      return of[field] ?? '–';
  }
}
