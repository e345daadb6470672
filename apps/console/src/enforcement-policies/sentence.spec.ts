import { setLocale } from '../ui/format';
import type { ConditionMetric } from '../conditions/metrics';
import { changesBetween } from './changes';
import { BLANK, bodyOf, ofTemplate, parsed, questionOf, same, unfinished } from './draft';
import type { Draft, PolicyTemplate } from './draft';
import { faultsOfConditions } from './faults';
import { ApiError } from '../data/session';
import { dayWords, policySentence } from './sentence';

beforeAll(() => setLocale('en-US'));

const metric = (name: string, unit: string, level: ConditionMetric['level'], source: ConditionMetric['source']) =>
  [name, { name, unit, level, source, meaning: '' }] as const;
const METRICS = new Map<string, ConditionMetric>([
  metric('gpu_utilization', 'percent', 'gpu', 'collected'),
  metric('temperature', 'celsius', 'gpu', 'collected'),
  metric('idle_minutes', 'minutes', 'instance', 'activity'),
  metric('hourly_cost', 'currency', 'instance', 'money'),
  metric('monthly_budget_utilization', 'percent', 'tenant', 'budget'),
]);
const said = (more: Partial<Draft>) => policySentence({ ...BLANK, ...more }, METRICS, 'USD');
const LIMITS =
  'Never an instance with environment=production. At most 25 % of the running fleet at once, and 50 % within a day. The same instance again after 1 h at the earliest.';

describe('what a policy will do, in words', () => {
  it.each<[string, Partial<Draft>, string]>([
    [
      'idle, asking',
      {},
      `When GPU utilisation of every GPU stays below 5 % for 2 h: stop the instance. A person has to agree before each stop. ${LIMITS}`,
    ],
    [
      'nested groups, money, a schedule over night, several actions',
      {
        conditions: {
          operator: 'AND',
          rules: [
            { metric: 'hourly_cost', operator: 'gt', threshold: 20 },
            {
              operator: 'OR',
              rules: [
                { metric: 'gpu_utilization', operator: 'lt', threshold: 5, duration: 20 },
                { metric: 'idle_minutes', operator: 'gte', threshold: 90 },
              ],
            },
          ],
        },
        schedule: {
          timezone: 'Europe/Berlin',
          active_hours: { start: '20:00', end: '06:00' },
          active_days: [1, 2, 3, 4, 5],
        },
        actions: [
          { type: 'scale_down_instances', target: 'most_expensive', percentage: 30 },
          { type: 'notify_finance_team', channels: ['slack', 'email'] },
        ],
        execution_mode: 'automatic',
      },
      `When price of an hour is above 20 USD and (GPU utilisation of every GPU stays below 5 % for 20 min or time idle is at least 1 h 30 min), between 20:00 and 06:00 from Monday to Friday (Europe/Berlin): stop 30 % of the instances for which that holds, the most expensive first, then tell finance team by slack and email. It acts by itself: nobody is asked before a stop. ${LIMITS}`,
    ],
    [
      'about the tenant, busy machines too, a tag, no protection',
      {
        conditions: {
          operator: 'NOT',
          rules: [{ metric: 'monthly_budget_utilization', operator: 'lt', threshold: 100 }],
        },
        actions: [{ type: 'stop_instances', only_when_idle: false }],
        scope: 'tagged',
        scope_filter: { tag_key: 'team', tag_value: 'vision' },
        protect_tags: [],
        cooldown_minutes: 0,
      },
      'When it is not so that monthly budget spent is below 100 %: stop the instances in scope, also at work. A person has to agree before each stop. Only instances with team=vision. At most 25 % of the running fleet at once, and 50 % within a day. Once for each time that the conditions come to hold.',
    ],
    [
      'that only tells',
      {
        conditions: { metric: 'temperature', operator: 'gt', threshold: 90, duration: 5 },
        actions: [{ type: 'notify_operators' }],
        execution_mode: 'notify_only',
        protect_tags: [{ key: 'do-not-stop', value: null }],
        cooldown_minutes: 1_440,
      },
      'When temperature of any GPU stays above 90 °C for 5 min: tell operators. Never an instance with the tag do-not-stop. The same instance again after 1 d at the earliest.',
    ],
  ])('%s', (_, more, expected) => expect(said(more)).toBe(expected));

  it('says an unfinished one without numbers that nobody wrote', () =>
    expect(said({ conditions: { operator: 'AND', rules: [] } })).toMatch(/^When …: stop the instance\./));

  it.each([
    [[1, 2, 3, 4, 5], 'from Monday to Friday'],
    [[6, 7], 'on Saturday and Sunday'],
    [[1, 3, 5], 'on Monday, Wednesday and Friday'],
    [[7, 6, 5, 4, 3, 2, 1], 'every day'],
    [[], 'on no day'],
  ])('%p: %s', (days, words) => expect(dayWords(days)).toBe(words));
});

describe('a draft', () => {
  const template = (execution_mode: Draft['execution_mode'], type: string) =>
    ({
      id: 't',
      sentence: '',
      policy: { ...BLANK, execution_mode, actions: [{ type }], enabled: true },
    }) as PolicyTemplate;

  it('begins by asking where it stops, whatever the template says', () => {
    expect(ofTemplate(template('automatic', 'stop_instances')).execution_mode).toBe('approval_required');
    expect(ofTemplate(template('automatic', 'tag_instances')).execution_mode).toBe('automatic');
    expect(ofTemplate(template('notify_only', 'stop_instances')).execution_mode).toBe('notify_only');
    expect(ofTemplate(template('automatic', 'stop_instances'))).not.toHaveProperty('enabled');
  });

  it('is the same whatever the order of its fields, and another question when it would decide otherwise', () => {
    const draft = { ...BLANK, policy_name: 'Idle' };
    const turned = Object.fromEntries(Object.entries(draft).reverse()) as unknown as Draft;
    expect(same(draft, turned)).toBe(true);
    expect(same(draft, { ...draft, conditions: { operator: 'AND', rules: [draft.conditions] } })).toBe(true);
    expect(same(draft, { ...draft, cooldown_minutes: 61 })).toBe(false);
    expect(questionOf({ ...draft, policy_name: 'Other', severity: 'high' })).toEqual(questionOf(draft));
    expect(questionOf({ ...draft, cap_per_run_percent: 30 })).not.toEqual(questionOf(draft));
  });

  it('says what is missing', () => {
    expect(unfinished(BLANK)).toBe('Give the policy a name.');
    const named = { ...BLANK, policy_name: 'x' };
    expect(unfinished(named)).toBeNull();
    expect(unfinished({ ...named, conditions: { operator: 'AND', rules: [] } })).toBe('Add a condition.');
    expect(unfinished({ ...named, conditions: { metric: 'gpu_utilization', operator: 'lt' } })).toMatch(/threshold/);
    expect(unfinished({ ...named, scope: 'tagged' })).toMatch(/tag/);
  });

  it('reads JSON that people write, and says what it does not understand', () => {
    const draft = { ...BLANK, policy_name: 'Idle' };
    expect(parsed(JSON.stringify(bodyOf(draft)))).toEqual(draft);
    expect(() => parsed('{')).toThrow(/^This is no JSON/);
    expect(() => parsed('[]')).toThrow(/object/);
    expect(() => parsed('{"polciy_name": "x"}')).toThrow(/no polciy_name/);
    expect(() => parsed('{"conditions": {"rules": 1}}')).toThrow(/conditions/);
  });

  it('finds the condition that the API complains of, also where a group around it was not sent', () => {
    const complaint = (field: string) =>
      new ApiError(`${field}: there is no such metric`, 'VALIDATION_ERROR', { field });
    const bad = { metric: 'gpu_utilisation', operator: 'lt' as const, threshold: 5 };
    const places = (field: string, tree: Draft['conditions']) => [...faultsOfConditions(complaint(field), tree)];
    expect(places('conditions.metric', bad)).toEqual([['0', 'there is no such metric']]);
    const nested = { operator: 'AND' as const, rules: [BLANK.conditions, { operator: 'OR' as const, rules: [bad] }] };
    expect(places('conditions.rules[1].metric', nested)).toEqual([['1.0', 'there is no such metric']]);
    expect(places('policy_name', nested)).toEqual([]);
  });
});

describe('what a version changed', () => {
  it('is told in words, field by field', () => {
    const before = { ...BLANK, policy_name: 'Idle' };
    const after = {
      ...before,
      execution_mode: 'automatic' as const,
      cooldown_minutes: 120,
      conditions: { ...before.conditions, threshold: 8 },
      protect_tags: [],
    };
    expect(changesBetween(before, after, METRICS, 'USD')).toEqual([
      { field: 'Who decides', before: 'a person agrees', after: 'acts by itself' },
      { field: 'Pause between triggers', before: '1 h', after: '2 h' },
      {
        field: 'Conditions',
        before: 'GPU utilisation of every GPU stays below 5 % for 2 h',
        after: 'GPU utilisation of every GPU stays below 8 % for 2 h',
      },
      { field: 'Protection', before: 'environment=production', after: 'none' },
    ]);
    expect(changesBetween(before, before, METRICS, 'USD')).toEqual([]);
  });
});
