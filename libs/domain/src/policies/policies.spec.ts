import fc from 'fast-check';
import {
  allowance,
  detectFlapping,
  idleQuestion,
  planPower,
  protectionOf,
  PROTECTION_TAGS_DEFAULT,
  rankTargets,
  shareOf,
} from './index.js';
import type { PolicyInstance, PolicyMove, PowerAction } from './index.js';
import type { ConditionTree, LeafCondition } from '../decisions/index.js';

const leaf = (metric: string, operator: LeafCondition['operator'], threshold: number, durationMinutes?: number) => ({
  metric,
  operator,
  threshold,
  durationMinutes,
});
const STOP: PowerAction = { type: 'stop_instances', target: null, percentage: 100, onlyWhenIdle: true };
const machine = (instanceId: number, more: Partial<PolicyInstance> = {}): PolicyInstance => ({
  instanceId,
  utilization: 0,
  idleMinutes: 60,
  hourlyCost: 1,
  state: 'running',
  workloadState: null,
  protected: false,
  tags: {},
  maintenance: null,
  standoff: null,
  openAction: null,
  moves: [],
  ...more,
});

describe('targets', () => {
  const fleet = [
    machine(4, { utilization: 3, idleMinutes: 10, hourlyCost: 2 }),
    machine(2, { utilization: 3, idleMinutes: 90, hourlyCost: 9 }),
    machine(3, { utilization: NaN, idleMinutes: NaN, hourlyCost: NaN }),
    machine(1, { utilization: 0, idleMinutes: 90, hourlyCost: 2 }),
  ];
  it.each([
    ['lowest_utilization', [1, 2, 4, 3]],
    ['longest_idle', [2, 1, 4, 3]],
    ['most_expensive', [2, 1, 4, 3]],
  ] as const)('%s: what is not known comes last', (target, expected) => {
    expect(rankTargets(fleet, target).map(({ instanceId }) => instanceId)).toEqual(expected);
  });

  it('are in one order, however the fleet came', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(fleet, { minLength: 4 }), (shuffled) => {
        expect(rankTargets(shuffled, 'lowest_utilization')).toEqual(rankTargets(fleet, 'lowest_utilization'));
      }),
    );
  });

  it.each([
    [10, 30, 3],
    [10, 39, 3],
    [3, 30, 1],
    [100, 29, 29],
    [7, 100, 7],
    [0, 50, 0],
    [1, 0.1, 1],
  ])('of %i instances %d percent are %i', (count, percent, expected) => expect(shareOf(count, percent)).toBe(expected));
});

describe('caps', () => {
  it.each([
    [
      { fleet: 40, touchedToday: 0, capPerRunPercent: 25, capPerDayPercent: 50 },
      { run: 10, day: 20 },
    ],
    [
      { fleet: 40, touchedToday: 19, capPerRunPercent: 25, capPerDayPercent: 50 },
      { run: 10, day: 1 },
    ],
    [
      { fleet: 40, touchedToday: 25, capPerRunPercent: 25, capPerDayPercent: 50 },
      { run: 10, day: 0 },
    ],
    [
      { fleet: 2, touchedToday: 0, capPerRunPercent: 25, capPerDayPercent: 25 },
      { run: 1, day: 1 },
    ],
    [
      { fleet: 0, touchedToday: 0, capPerRunPercent: 25, capPerDayPercent: 50 },
      { run: 1, day: 1 },
    ],
  ])('%j', (of, expected) => expect(allowance(of)).toEqual(expected));
});

describe('protection', () => {
  it.each([
    ['the flag', { protected: true, tags: {} }, 'protected'],
    ['a tag', { protected: false, tags: { 'do-not-stop': 'yes please' } }, 'do-not-stop'],
    ['a tag that says no', { protected: false, tags: { 'do-not-stop': 'False' } }, null],
    ['nothing', { protected: false, tags: { team: 'a' } }, null],
  ])('%s', (_, instance, expected) => {
    const why = protectionOf(instance, PROTECTION_TAGS_DEFAULT);
    if (expected === null) expect(why).toBeNull();
    else expect(why).toContain(expected);
  });

  it('takes a value at its word', () => {
    const patterns = [{ key: 'env', value: 'false' }];
    expect(protectionOf({ protected: false, tags: { env: 'false' } }, patterns)).toContain('env=false');
    expect(protectionOf({ protected: false, tags: { env: 'true' } }, patterns)).toBeNull();
  });
});

describe('flapping', () => {
  const at = (minute: number, verb: 'start' | 'stop', policyId: number): PolicyMove => ({
    atMs: minute * 60_000,
    verb,
    policyId,
  });

  it('is two policies that turn an instance on and off', () => {
    const moves = [at(0, 'stop', 1), at(30, 'start', 2), at(60, 'stop', 1)];
    expect(detectFlapping(moves, at(90, 'start', 2))).toEqual({ policyIds: [1, 2], turns: 3, sinceMs: 0 });
  });

  it.each([
    ['a stop at night and a start in the morning', [at(0, 'stop', 1)], at(660, 'start', 2)],
    [
      'the same for a week',
      Array.from({ length: 14 }, (_, i) => at(i * 720, i % 2 ? 'start' : 'stop', 1 + (i % 2))),
      at(14 * 720, 'stop', 1),
    ],
    ['stops again and again', [at(0, 'stop', 1), at(60, 'stop', 1), at(120, 'stop', 2)], at(180, 'stop', 1)],
    ['two turns', [at(0, 'stop', 1), at(30, 'start', 2)], at(60, 'stop', 1)],
    ['turns of long ago', [at(0, 'stop', 1), at(30, 'start', 2), at(60, 'stop', 1)], at(500, 'start', 2)],
  ])('is not %s', (_, moves, next) => expect(detectFlapping(moves, next)).toBeNull());
});

describe('what the host is asked again', () => {
  const MINUTE = 1_000;
  const since = (minutes: number) => (MINUTE + 1 - minutes) * 60_000;
  const and = (...rules: ConditionTree[]): ConditionTree => ({ operator: 'AND', rules });
  it.each([
    ['utilisation', leaf('gpu_utilization', 'lt', 10, 30), { sinceMs: since(30), belowPercent: 10 }],
    [
      'minutes idle, by the threshold of the tenant',
      leaf('idle_minutes', 'gte', 45),
      { sinceMs: since(45), belowPercent: 5 },
    ],
    ['more than 45 minutes idle', leaf('idle_minutes', 'gt', 45), { sinceMs: since(46), belowPercent: 5 }],
    [
      'the longest of several',
      and(leaf('daily_cost', 'gt', 100), leaf('gpu_utilization', 'lt', 10, 30), leaf('gpu_utilization', 'lt', 20, 60)),
      { sinceMs: since(60), belowPercent: 20 },
    ],
    [
      'a day at most: hosts remember no more',
      leaf('idle_minutes', 'gte', 4_320),
      { sinceMs: since(1_430), belowPercent: 5 },
    ],
    ['nothing of money', leaf('daily_cost', 'gt', 100), null],
    [
      'nothing of the contrary',
      { operator: 'NOT', rules: [leaf('gpu_utilization', 'lt', 10, 30)] } as ConditionTree,
      null,
    ],
    [
      'nothing of one of two',
      { operator: 'OR', rules: [leaf('gpu_utilization', 'lt', 10), leaf('daily_cost', 'gt', 1)] } as ConditionTree,
      null,
    ],
    ['nothing of a mean', { ...leaf('gpu_utilization', 'lt', 10, 30), statistic: 'avg' } as LeafCondition, null],
    ['nothing of busy machines', leaf('gpu_utilization', 'gt', 90, 30), null],
  ])('%s', (_, tree, expected) => expect(idleQuestion(tree, MINUTE, 5)).toEqual(expected));

  it('makes "at most 5" a little more than below 5', () => {
    const asked = idleQuestion(leaf('gpu_utilization', 'lte', 5, 10), MINUTE, 5)!;
    expect(5 < asked.belowPercent && asked.belowPercent < 5.001).toBe(true);
  });
});

describe('whom an action takes', () => {
  const NOW = 10_000 * 60_000;
  const plan = (action: PowerAction, ...instances: PolicyInstance[]) => planPower(action, 1, [], instances, NOW);

  it('takes a part of those that nothing speaks against', () => {
    const fleet = Array.from({ length: 10 }, (_, i) => machine(i + 1, { utilization: 10 - i, protected: i >= 8 }));
    const { ranked, quota, refused } = plan({ ...STOP, type: 'scale_down_instances', percentage: 30 }, ...fleet);
    expect({ ranked, quota, refused: refused.map(({ instanceId, by }) => [instanceId, by]) }).toEqual({
      ranked: [8, 7, 6, 5, 4, 3, 2, 1],
      quota: 2, // 30 % of the 8 that may be stopped are 2.4
      refused: [
        [9, 'protection'],
        [10, 'protection'],
      ],
    });
  });

  it.each([
    ['a window', { maintenance: 'Window upgrade is open.' }, 'maintenance'],
    ['a fight before', { standoff: 'It fought.' }, 'flapping'],
    ['an action that is not finished', { openAction: 'act_1' }, 'open_action'],
    [
      'a fight that would begin',
      {
        moves: [3, 2, 1].map((ago) => ({
          atMs: NOW - ago * 60_000,
          verb: ago === 2 ? ('stop' as const) : ('start' as const),
          policyId: 2 - (ago % 2),
        })),
      },
      'flapping',
    ],
  ])('leaves an instance alone for %s', (_, more, by) => {
    const { ranked, refused } = plan(STOP, machine(1, more));
    expect([ranked, refused.map((one) => one.by)]).toEqual([[], [by]]);
  });

  it('starts what is stopped, the cheap ones first, and says nothing of the rest', () => {
    const start: PowerAction = { ...STOP, type: 'start_instances' };
    const fleet = [
      machine(1, { state: 'stopped', hourlyCost: 9 }),
      machine(2, { state: 'running' }),
      machine(3, { state: 'stopped', hourlyCost: 2 }),
      machine(4, { state: 'running', workloadState: 'stopped', hourlyCost: 5 }),
    ];
    expect(plan(start, ...fleet)).toEqual({ verb: 'start', ranked: [3, 4, 1], quota: 3, refused: [] });
  });
});
