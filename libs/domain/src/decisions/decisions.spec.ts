import {
  emptyTriggers,
  FALSE,
  FleetState,
  nearMetrics,
  planDecisions,
  resumeTrigger,
  triggerMinute,
  TRUE,
  UNKNOWN,
} from './index.js';
import type { ConditionTree, FleetLayout, LeafCondition } from './index.js';

const NONE = NaN;
const idleLeaf: LeafCondition = { metric: 'gpu_utilization', operator: 'lt', threshold: 5, durationMinutes: 3 };
const hot: LeafCondition = { metric: 'temperature', operator: 'gt', threshold: 85 };

/** Truths of a tree on one instance, minute by minute; a minute is a list of GPUs' values of the only series. */
function truthsOf(tree: ConditionTree, minutes: readonly (readonly number[])[]) {
  const gpus = minutes[0]!.length;
  const fleet: FleetLayout = { instanceIds: [7], gpuStart: Int32Array.of(0, gpus) };
  const state = new FleetState(planDecisions([tree], { idleBelowPercent: 5 }), fleet);
  return minutes.map((values, m) => {
    state.step(1_000 + m, [values]);
    return state.truths(0, new Uint8Array(1))[0];
  });
}

describe('a leaf over time', () => {
  it.each<[string, LeafCondition, number[][], number[]]>([
    ['three quiet minutes', idleLeaf, [[0], [1], [2], [3]], [UNKNOWN, UNKNOWN, TRUE, TRUE]],
    [
      'a busy minute begins anew',
      idleLeaf,
      [[0], [0], [9], [0], [0], [0]],
      [UNKNOWN, UNKNOWN, FALSE, FALSE, FALSE, TRUE],
    ],
    [
      'a gap is not idle',
      idleLeaf,
      [[0], [0], [NONE], [0], [0], [0]],
      [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, TRUE],
    ],
    ['silence is never idle', idleLeaf, [[0], [0], [0], [NONE]], [UNKNOWN, UNKNOWN, TRUE, UNKNOWN]],
    [
      'a gap that is ignored is bridged, and one as long as the duration is not',
      { ...idleLeaf, missing: 'ignored' },
      [[0], [NONE], [0], [NONE], [NONE], [0], [NONE], [NONE], [NONE], [0]],
      [UNKNOWN, UNKNOWN, TRUE, TRUE, TRUE, TRUE, TRUE, TRUE, UNKNOWN, UNKNOWN],
    ],
    ['exactly at the threshold', idleLeaf, [[0], [0], [5]], [UNKNOWN, UNKNOWN, FALSE]],
  ])('%s', (_, leaf, minutes, expected) => {
    expect(truthsOf(leaf, minutes)).toEqual(expected);
  });
});

describe('several GPUs', () => {
  it('are idle when all are, and unknown when one says nothing', () => {
    const now = { ...idleLeaf, durationMinutes: 0 };
    expect(
      truthsOf(now, [
        [0, 0],
        [0, 90],
        [0, NONE],
        [NONE, 90],
      ]),
    ).toEqual([TRUE, FALSE, UNKNOWN, FALSE]);
  });

  it('are hot when any is, and unknown when the others are not and one says nothing', () => {
    expect(
      truthsOf(hot, [
        [80, 90],
        [80, 80],
        [NONE, 90],
        [NONE, 80],
      ]),
    ).toEqual([TRUE, FALSE, TRUE, UNKNOWN]);
  });
});

describe('trees', () => {
  const group = (operator: 'AND' | 'OR' | 'NOT', ...rules: ConditionTree[]): ConditionTree => ({ operator, rules });

  it('take NOT of what is not known for unknown: silence does not make a GPU cool', () => {
    expect(truthsOf(group('NOT', hot), [[80], [90], [NONE]])).toEqual([TRUE, FALSE, UNKNOWN]);
  });

  it('read minutes idle from the utilisation, over the short gaps that idleness allows', () => {
    const idle: LeafCondition = { metric: 'idle_minutes', operator: 'gte', threshold: 3 };
    const minutes = [[0], [0], [NONE], [0], [50], [0], [NONE], [NONE], [NONE], [NONE], [0], [0], [0]];
    expect(truthsOf(idle, minutes)).toEqual([
      FALSE,
      FALSE,
      TRUE,
      TRUE,
      FALSE,
      FALSE,
      FALSE,
      TRUE,
      TRUE,
      UNKNOWN,
      FALSE,
      FALSE,
      TRUE,
    ]);
  });

  it('share what is equal in them', () => {
    const plan = planDecisions([idleLeaf, { ...idleLeaf, durationMinutes: 60 }, group('AND', hot, idleLeaf)], {
      idleBelowPercent: 5,
    });
    expect([plan.series.length, plan.conditions.length, plan.leaves.length, plan.lookbackMinutes]).toEqual([
      2, 2, 3, 61,
    ]);
  });
});

describe('triggers', () => {
  const rule = { cooldownMinutes: 4, startMinute: 0 };

  it.each([
    ['once without a cooldown, until it was not true', 0, '0111011', '', '0100010'],
    ['again after each cooldown', 4, '111111111', '', '100010001'],
    ['when the schedule opens on what is true already', 0, '11111', '00110', '00100'],
  ])('%s', (_, cooldownMinutes, truths, schedule, expected) => {
    const slots = emptyTriggers(1);
    const run = [...truths].map((t, m) =>
      triggerMinute(slots, 0, m, t === '1', schedule[m] !== '0', { ...rule, cooldownMinutes }) ? '1' : '0',
    );
    expect(run.join('')).toBe(expected);
  });

  it.each([0, 1, 2, 5])('are the same after a resume at any minute, cooldown %i', (cooldownMinutes) => {
    const truths = [...'0111110110111111101'].map((t) => t === '1');
    const settings = { ...rule, cooldownMinutes };
    const whole = emptyTriggers(1);
    const expected = truths.map((t, m) => triggerMinute(whole, 0, m, t, true, settings));
    let slots = emptyTriggers(1);
    const resumed = truths.map((t, m) => {
      if (m > 0) {
        const { lastTrigger } = slots;
        slots = emptyTriggers(1);
        slots.lastTrigger.set(lastTrigger);
        resumeTrigger(slots, 0, m - 1, truths[m - 1]!, true, settings);
      }
      return triggerMinute(slots, 0, m, t, true, settings);
    });
    expect(resumed).toEqual(expected);
  });
});

it('names the metrics that somebody may have meant', () => {
  expect(nearMetrics('gpu_utilisation')).toContain('gpu_utilization');
  expect(nearMetrics('utilization').length).toBe(3);
  expect(nearMetrics('xyz')).toEqual([]);
});
