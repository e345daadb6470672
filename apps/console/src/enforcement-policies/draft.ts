import type { Schemas } from '../data/api';
import { forSending, leavesOf } from '../conditions/tree';

export type Policy = Schemas['EnforcementPolicy'];
export type PolicyTemplate = Schemas['PolicyTemplate'];
export type PolicyAction = Schemas['PolicyAction'];
export type PolicyTag = Schemas['PolicyTag'];
export type Schedule = Schemas['WeekSchedule'];

/** A policy as it is edited: what a version says. Whether it is armed is decided apart. */
export type Draft = Pick<Policy, (typeof FIELDS)[number]>;

export const FIELDS = [
  'policy_name',
  'description',
  'severity',
  'policy_type',
  'execution_mode',
  'cooldown_minutes',
  'schedule',
  'conditions',
  'actions',
  'scope',
  'scope_filter',
  'protect_tags',
  'cap_per_run_percent',
  'cap_per_day_percent',
] as const;

export const isStop = ({ type }: PolicyAction) => type === 'stop_instances' || type === 'scale_down_instances';
export const isPower = (action: PolicyAction) => isStop(action) || action.type === 'start_instances';
export const stops = (draft: Pick<Draft, 'actions'>) => draft.actions.some(isStop);
export const acts = (draft: Pick<Draft, 'actions'>) => draft.actions.some(isPower);

/** A policy that begins with nothing: it asks before it stops. */
export const BLANK: Draft = {
  policy_name: '',
  description: null,
  severity: 'medium',
  policy_type: 'custom',
  execution_mode: 'approval_required',
  cooldown_minutes: 60,
  schedule: null,
  conditions: { operator: 'lt', metric: 'gpu_utilization', threshold: 5, duration: 120 },
  actions: [{ type: 'stop_instances' }],
  scope: 'all',
  scope_filter: {},
  protect_tags: [{ key: 'environment', value: 'production' }],
  cap_per_run_percent: 25,
  cap_per_day_percent: 50,
};

const picked = (of: Draft): Draft => Object.fromEntries(FIELDS.map((field) => [field, of[field]])) as unknown as Draft;

export const ofPolicy = (policy: Draft): Draft => picked(policy);

/** A template to begin with. Whatever it says, a policy that stops begins by asking: acting alone is a choice of its own. */
export function ofTemplate({ policy }: PolicyTemplate): Draft {
  const draft = picked(policy);
  return stops(draft) && draft.execution_mode === 'automatic'
    ? { ...draft, execution_mode: 'approval_required' }
    : draft;
}

/** As the API takes it. */
export const bodyOf = (draft: Draft): Draft => ({
  ...draft,
  policy_name: draft.policy_name.trim(),
  description: draft.description?.trim() || null,
  conditions: forSending(draft.conditions),
});

export const same = (a: Draft, b: Draft): boolean => canonical(bodyOf(a)) === canonical(bodyOf(b));

/** What a simulation is asked with: two drafts with the same question have the same answer. */
export function questionOf(draft: Draft) {
  const { conditions, schedule, cooldown_minutes, scope, scope_filter, protect_tags, actions } = bodyOf(draft);
  const { cap_per_run_percent, cap_per_day_percent } = draft;
  return {
    conditions,
    schedule,
    cooldown_minutes,
    scope,
    scope_filter,
    protect_tags,
    actions,
    cap_per_run_percent,
    cap_per_day_percent,
  };
}

/** Why a draft cannot be sent yet, in a sentence; null: it can. */
export function unfinished(draft: Draft): string | null {
  if (draft.policy_name.trim() === '') return 'Give the policy a name.';
  const leaves = leavesOf(draft.conditions);
  if (leaves.length === 0) return 'Add a condition.';
  if (leaves.some(({ threshold }) => threshold === undefined)) return 'A condition has no threshold.';
  if (draft.actions.length === 0) return 'Add something that it does.';
  if (draft.scope === 'tagged' && !draft.scope_filter.tag_key) return 'Name the tag of the instances that it looks at.';
  if (draft.scope === 'specific_instance' && !draft.scope_filter.instance_ids?.length) return 'Name the instances.';
  return null;
}

/** JSON with its keys in order: two objects that say the same are the same text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    one !== null && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

/** What a person wrote as JSON, as a draft. @throws Error with a sentence for them */
export function parsed(text: string): Draft {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`This is no JSON: ${error instanceof Error ? error.message : 'it cannot be read'}.`, {
      cause: error,
    });
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new Error('Expected an object: { … }.');
  const known = new Set<string>(FIELDS);
  const strange = Object.keys(value).filter((key) => !known.has(key));
  if (strange.length > 0) throw new Error(`A policy has no ${strange.join(', ')}. It has ${FIELDS.join(', ')}.`);
  const draft = { ...BLANK, ...(value as Partial<Draft>) };
  if (typeof draft.policy_name !== 'string') throw new Error('policy_name is a text.');
  if (!isCondition(draft.conditions)) throw new Error('conditions is a comparison or a group with rules.');
  if (!Array.isArray(draft.actions) || draft.actions.some((one) => typeof one?.type !== 'string')) {
    throw new Error('actions is a list of objects, each with a type.');
  }
  if (!Array.isArray(draft.protect_tags)) throw new Error('protect_tags is a list of { "key", "value" }.');
  if (draft.scope_filter === null || typeof draft.scope_filter !== 'object')
    throw new Error('scope_filter is an object.');
  return draft;
}

function isCondition(node: unknown): boolean {
  if (node === null || typeof node !== 'object') return false;
  const { operator, rules } = node as { operator?: unknown; rules?: unknown };
  if (typeof operator !== 'string') return false;
  return rules === undefined || (Array.isArray(rules) && rules.every(isCondition));
}
