import {
  describePolicy,
  inScope,
  mayFight,
  policyProblems,
  policySubject,
  POLICY_TEMPLATES,
  policyWarnings,
} from './index.js';
import type { PolicyRules, PowerAction } from './index.js';
import type { LeafCondition } from '../decisions/index.js';

const leaf = (metric: string, operator: LeafCondition['operator'], threshold: number, durationMinutes?: number) => ({
  metric,
  operator,
  threshold,
  durationMinutes,
});
const STOP: PowerAction = { type: 'stop_instances', target: null, percentage: 100, onlyWhenIdle: true };
const RULES: PolicyRules = {
  conditions: leaf('gpu_utilization', 'lt', 5, 30),
  schedule: null,
  cooldownMinutes: 60,
  executionMode: 'automatic',
  actions: [STOP],
  scope: { kind: 'all' },
  protectTags: [],
  capPerRunPercent: 25,
  capPerDayPercent: 50,
};

describe('problems of a policy', () => {
  const problemsOf = (more: Partial<PolicyRules>) => policyProblems({ ...RULES, ...more }).map(({ field }) => field);
  it.each<[string, Partial<PolicyRules>, string[]]>([
    ['none', {}, []],
    [
      'a metric that does not exist',
      { conditions: { operator: 'AND', rules: [leaf('gpu_utilisation', 'lt', 5)] } },
      ['conditions.rules[0].metric'],
    ],
    [
      'a zone that does not exist',
      { schedule: { timezone: 'Mars/Olympus', activeHours: { start: '08:00', end: '09:00' }, activeDays: [1] } },
      ['schedule.timezone'],
    ],
    [
      'no day',
      { schedule: { timezone: 'UTC', activeHours: { start: '08:00', end: '09:00' }, activeDays: [] } },
      ['schedule.active_days'],
    ],
    ['above 100 percent', { actions: [{ ...STOP, percentage: 101 }] }, ['actions[0].percentage']],
    [
      'numbers that contradict each other',
      { conditions: { operator: 'AND', rules: [leaf('daily_cost', 'gt', 100), leaf('daily_cost', 'lte', 100)] } },
      ['conditions'],
    ],
    [
      'the same under OR is none',
      { conditions: { operator: 'OR', rules: [leaf('daily_cost', 'gt', 100), leaf('daily_cost', 'lte', 100)] } },
      [],
    ],
    [
      'a start by what a stopped machine cannot report',
      { actions: [{ ...STOP, type: 'start_instances' }] },
      ['actions[0].type'],
    ],
    [
      'both ways',
      { conditions: leaf('daily_cost', 'gt', 1), actions: [STOP, { ...STOP, type: 'start_instances' }] },
      ['actions'],
    ],
  ])('%s', (_, more, fields) => expect(problemsOf(more)).toEqual(fields));

  it('names what may be meant', () => {
    const [problem] = policyProblems({ ...RULES, conditions: leaf('gpu_utilisation', 'lt', 5) });
    expect(problem!.problem).toContain('gpu_utilization');
  });
});

describe('two policies', () => {
  const start: PolicyRules = {
    ...RULES,
    conditions: leaf('daily_cost', 'gt', 1),
    actions: [{ ...STOP, type: 'start_instances' }],
  };
  it('may fight when one starts what the other stops', () => {
    expect(mayFight(RULES, start)).toBe(true);
    expect(mayFight(RULES, RULES)).toBe(false);
    const tagged = (value: string): Partial<PolicyRules> => ({
      scope: { kind: 'tagged', tags: [{ key: 'team', value }] },
    });
    expect(mayFight({ ...RULES, ...tagged('a') }, { ...start, ...tagged('b') })).toBe(false);
    expect(mayFight({ ...RULES, ...tagged('a') }, { ...start, ...tagged('a') })).toBe(true);
  });
});

describe('scope', () => {
  it('is about the tenant when no condition looks at an instance', () => {
    expect(policySubject(leaf('monthly_budget_utilization', 'gte', 80))).toBe('tenant');
    expect(
      policySubject({
        operator: 'AND',
        rules: [leaf('monthly_budget_utilization', 'gte', 80), leaf('daily_cost', 'gt', 1)],
      }),
    ).toBe('instance');
  });
  it('takes instances by tag or by number', () => {
    const instance = { id: 7, tags: { team: 'a' } };
    expect(inScope({ kind: 'tagged', tags: [{ key: 'team', value: null }] }, instance)).toBe(true);
    expect(inScope({ kind: 'tagged', tags: [{ key: 'team', value: 'b' }] }, instance)).toBe(false);
    expect(inScope({ kind: 'instances', instanceIds: [8] }, instance)).toBe(false);
  });
});

describe('templates', () => {
  it('are at least twelve, each of a kind', () => {
    expect(POLICY_TEMPLATES.length).toBeGreaterThanOrEqual(12);
    expect(new Set(POLICY_TEMPLATES.map(({ id }) => id)).size).toBe(POLICY_TEMPLATES.length);
  });
  it.each(POLICY_TEMPLATES.map((template) => [template.id, template] as const))(
    '%s can be used as it is',
    (_, template) => {
      expect(policyProblems(template.rules)).toEqual([]);
      expect(template.sentence).toMatch(/\.$/);
      expect(describePolicy(template.rules)).toMatch(/^When .+\.$/);
    },
  );
  it('warn of machines that are stopped while they work only where a person has to agree', () => {
    const words = POLICY_TEMPLATES.flatMap(({ rules }) => policyWarnings(rules)).filter((word) =>
      word.includes('only_when_idle'),
    );
    expect(words).toEqual([]);
  });
});
