import { conditionWords } from '../conditions/words';
import type { Metrics } from '../conditions/metrics';
import { leavesOf } from '../conditions/tree';
import { decimal, duration } from '../ui/format';
import { acts, isPower, isStop } from './draft';
import type { Draft, PolicyAction, PolicyTag, Schedule } from './draft';

/** What a policy will do, in sentences: what makes it act, what it does then, and what holds it back. */
export interface PolicyWords {
  readonly when: string;
  readonly then: string;
  /** Who decides. */
  readonly who: string;
  /** What it never touches, and how much it touches at most. */
  readonly limits: readonly string[];
}

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const TARGETS: Readonly<Record<string, string>> = {
  lowest_utilization: 'the least used first',
  longest_idle: 'the longest idle first',
  most_expensive: 'the most expensive first',
};

export function policyWords(draft: Draft, metrics: Metrics, currency: string): PolicyWords {
  const leaves = leavesOf(draft.conditions);
  const perInstance = leaves.length === 0 || leaves.some(({ metric }) => metrics.get(metric ?? '')?.level !== 'tenant');
  return {
    when: `When ${conditionWords(draft.conditions, metrics, currency)}${scheduleWords(draft.schedule)}`,
    then: draft.actions.map((action) => actionWords(action, perInstance)).join(', then '),
    who: whoWords(draft),
    limits: limitWords(draft),
  };
}

/** One text, for a list and for tests. */
export function policySentence(draft: Draft, metrics: Metrics, currency: string): string {
  const { when, then, who, limits } = policyWords(draft, metrics, currency);
  return [`${when}: ${then}.`, who, ...limits].filter(Boolean).join(' ');
}

export function scheduleWords(schedule: Schedule | null): string {
  if (!schedule) return '';
  const { active_hours: hours, active_days: days, timezone } = schedule;
  const allDay = hours.start === '00:00' && hours.end === '24:00';
  const time = allDay ? '' : ` between ${hours.start} and ${hours.end}`;
  if (allDay && days.length === 7) return '';
  return `,${time} ${dayWords(days)} (${timezone})`;
}

/** "from Monday to Friday", "on Monday and Thursday". */
export function dayWords(days: readonly number[]): string {
  const sorted = [...new Set(days)].sort((a, b) => a - b);
  const names = sorted.map((day) => DAYS[day - 1] ?? String(day));
  if (names.length === 0) return 'on no day';
  if (names.length === 7) return 'every day';
  const unbroken = sorted.at(-1)! - sorted[0]! === sorted.length - 1;
  return unbroken && names.length > 2 ? `from ${names[0]} to ${names.at(-1)}` : `on ${listed(names)}`;
}

function actionWords(action: PolicyAction, perInstance: boolean): string {
  if (isPower(action)) {
    const share = action.percentage ?? (action.type === 'scale_down_instances' ? 25 : 100);
    const verb = isStop(action) ? 'stop' : 'start';
    const what = perInstance ? 'of the instances for which that holds' : 'of the instances in scope';
    const whom = share < 100 ? `${decimal(share)} % ${what}` : perInstance ? 'the instance' : 'the instances in scope';
    const busy = isStop(action) && action.only_when_idle === false ? ', also at work' : '';
    return `${verb} ${whom}${busy}${action.target ? `, ${TARGETS[action.target]}` : ''}`;
  }
  if (action.type === 'tag_instances') {
    const tags = Object.entries(action.tags ?? {}).map(([key, value]) => `${key}=${value}`);
    return `tag the instance ${tags.join(', ') || '…'}`;
  }
  const whom = action.type.slice('notify_'.length).replaceAll('_', ' ');
  const by = action.channels?.length ? ` by ${listed(action.channels.map(String))}` : '';
  return `tell ${whom || '…'}${by}`;
}

function whoWords(draft: Draft): string {
  if (draft.execution_mode === 'notify_only')
    return acts(draft) ? 'It only says what it would do; nothing is stopped or started.' : '';
  if (!acts(draft)) return '';
  const deeds = listed(
    [...new Set(draft.actions.filter(isPower).map((one) => (isStop(one) ? 'stop' : 'start')))],
    'or',
  );
  return draft.execution_mode === 'approval_required'
    ? `A person has to agree before each ${deeds}.`
    : `It acts by itself: nobody is asked before a ${deeds}.`;
}

function limitWords(draft: Draft): string[] {
  const words = [scopeWords(draft)];
  if (draft.protect_tags.length > 0) {
    words.push(`Never an instance with ${listed(draft.protect_tags.map(tagWords), 'or')}.`);
  }
  if (acts(draft) && draft.execution_mode !== 'notify_only') {
    const { cap_per_run_percent: run, cap_per_day_percent: day } = draft;
    words.push(`At most ${decimal(run)} % of the running fleet at once, and ${decimal(day)} % within a day.`);
  }
  words.push(
    draft.cooldown_minutes === 0
      ? 'Once for each time that the conditions come to hold.'
      : `The same instance again after ${duration(draft.cooldown_minutes * 60)} at the earliest.`,
  );
  return words.filter((one) => one !== '');
}

function scopeWords({ scope, scope_filter: filter }: Draft): string {
  if (scope === 'tagged') {
    return `Only instances with ${tagWords({ key: filter.tag_key || '…', value: filter.tag_value ?? null })}.`;
  }
  if (scope !== 'specific_instance') return '';
  const ids = (filter.instance_ids ?? []).map(String);
  return ids.length > 4 ? `Only ${ids.length} chosen instances.` : `Only ${listed(ids) || '…'}.`;
}

export const tagWords = ({ key, value }: PolicyTag): string => (value === null ? `the tag ${key}` : `${key}=${value}`);

function listed(words: readonly string[], join = 'and'): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} ${join} ${words.at(-1)}`;
}
