import fc from 'fast-check';
import {
  emptyTriggers,
  FleetState,
  HistoryEvaluator,
  planDecisions,
  replayTriggers,
  resumeTrigger,
  TRUE,
  triggerMinute,
} from './index.js';
import type { ConditionTree, DecisionPlan, FleetLayout, InstanceHistory, LeafCondition } from './index.js';

const FIRST = 29_000_000;
const MINUTES = 90;
const SETTINGS = { idleBelowPercent: 5 };

const leaf: fc.Arbitrary<LeafCondition> = fc.record({
  metric: fc.constantFrom(
    'gpu_utilization',
    'temperature',
    'cpu_utilization',
    'daily_cost',
    'idle_minutes',
    'monthly_spend',
  ),
  operator: fc.constantFrom('gt', 'lt', 'gte', 'lte', 'eq', 'not_eq'),
  threshold: fc.constantFrom(0, 3, 5, 5.1, 10),
  durationMinutes: fc.integer({ min: 0, max: 12 }),
  acrossGpus: fc.constantFrom('any', 'all', undefined),
  missing: fc.constantFrom('breaks', 'ignored', undefined),
});

const { tree } = fc.letrec<{ tree: ConditionTree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.record({
      operator: fc.constantFrom('AND' as const, 'OR' as const),
      rules: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
    }),
    tie('tree').map((rule) => ({ operator: 'NOT' as const, rules: [rule] })),
  ),
}));

interface Rule {
  readonly tree: ConditionTree;
  readonly cooldownMinutes: number;
  readonly startMinute: number;
  readonly schedule: Uint8Array | null;
}

const rule: fc.Arbitrary<Rule> = fc.record({
  tree,
  cooldownMinutes: fc.constantFrom(0, 1, 2, 7, 30),
  startMinute: fc.integer({ min: FIRST, max: FIRST + 40 }),
  schedule: fc.option(
    fc
      .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }))
      .map(([open, closed]) => Uint8Array.from({ length: MINUTES }, (_, m) => (m % (open + closed) < open ? 1 : 0))),
  ),
});

/** Values that stay for a while, as those of machines do, so that durations are reached; NaN is a gap. */
const series = fc
  .array(fc.tuple(fc.constantFrom(0, 1, 4.9, Math.fround(5.1), 7, 80, NaN), fc.integer({ min: 1, max: 14 })), {
    minLength: 1,
    maxLength: 25,
  })
  .map((runs) => {
    const out = new Float64Array(MINUTES).fill(NaN);
    let at = 0;
    for (const [value, length] of runs) out.fill(value, at, (at += length));
    return out;
  });

const GPUS_MAX = 3;
const fleetPast = fc.array(
  fc.record({ gpus: fc.integer({ min: 0, max: GPUS_MAX }), raw: fc.array(series, { minLength: 12, maxLength: 12 }) }),
  { minLength: 1, maxLength: 3 },
);
type Machine = { readonly gpus: number; readonly raw: readonly Float64Array[] };

/** What each need of a plan is on one machine. Tenant-wide values are those of the first, so that all have the same. */
function historyOf(plan: DecisionPlan, machine: Machine, first: Machine): InstanceHistory {
  const at = (name: string) =>
    ['gpu_utilization', 'temperature', 'cpu_utilization', 'daily_cost', 'monthly_spend'].indexOf(name);
  return {
    firstMinute: FIRST,
    minutes: MINUTES,
    series: plan.series.map(({ metric, level }) => {
      if (level === 'tenant') return [first.raw[11]!];
      if (level === 'instance') return [machine.raw[6 + (at(metric) % 3)]!];
      return Array.from({ length: machine.gpus }, (_, g) => machine.raw[(at(metric) * GPUS_MAX + g) % 6]!);
    }),
  };
}

function layoutOf(past: readonly Machine[]): FleetLayout {
  const gpuStart = new Int32Array(past.length + 1);
  past.forEach(({ gpus }, i) => (gpuStart[i + 1] = gpuStart[i]! + gpus));
  return { instanceIds: past.map((_, i) => 100 + i), gpuStart };
}

function columnsAt(plan: DecisionPlan, histories: readonly InstanceHistory[], m: number) {
  return plan.series.map(({ level }, s) => {
    if (level === 'tenant') return [histories[0]!.series[s]![0]![m]!];
    return histories.flatMap((history) => history.series[s]!.map((values) => values[m]!));
  });
}

/** The engine as it runs: minute by minute, with all rules in one plan, and another replica now and then. */
function live(past: readonly Machine[], rules: readonly Rule[], moves: ReadonlySet<number>): number[][][] {
  const fleet = layoutOf(past);
  const plan = planDecisions(
    rules.map((r) => r.tree),
    SETTINGS,
  );
  const histories = past.map((machine) => historyOf(plan, machine, past[0]!));
  const found = rules.map(() => past.map((): number[] => []));
  const truths = new Uint8Array(past.length);
  let state = new FleetState(plan, fleet);
  let slots = rules.map(() => emptyTriggers(past.length));
  for (let m = 0; m < MINUTES; m++) {
    if (moves.has(m)) {
      state = new FleetState(plan, fleet);
      for (let b = Math.max(0, m - plan.lookbackMinutes); b < m; b++) {
        state.step(FIRST + b, columnsAt(plan, histories, b));
      }
      slots = slots.map(({ lastTrigger }, r) => {
        const own = { lastTrigger, wasReady: new Uint8Array(past.length) };
        if (m > 0) {
          state.truths(r, truths);
          const inSchedule = rules[r]!.schedule?.[m - 1] !== 0;
          past.forEach((_, i) => resumeTrigger(own, i, FIRST + m - 1, truths[i] === TRUE, inSchedule, rules[r]!));
        }
        return own;
      });
    }
    state.step(FIRST + m, columnsAt(plan, histories, m));
    rules.forEach((r, at) => {
      state.truths(at, truths);
      past.forEach((_, i) => {
        const inSchedule = r.schedule?.[m] !== 0;
        if (triggerMinute(slots[at]!, i, FIRST + m, truths[i] === TRUE, inSchedule, r)) found[at]![i]!.push(FIRST + m);
      });
    });
  }
  return found;
}

/** The simulation: each rule by itself over the whole past of one instance after the other. */
function simulated(past: readonly Machine[], rules: readonly Rule[]): number[][][] {
  return rules.map((r) => {
    const plan = planDecisions([r.tree], SETTINGS);
    const evaluator = new HistoryEvaluator(plan, MINUTES);
    return past.map((machine) => {
      evaluator.load(historyOf(plan, machine, past[0]!));
      return [...replayTriggers(evaluator.truths(0, MINUTES), FIRST, MINUTES, r).triggers];
    });
  });
}

describe('replay = live', () => {
  it('to the minute, over gaps, restarts and moves between replicas', () => {
    let triggers = 0;
    fc.assert(
      fc.property(
        fleetPast,
        fc.array(rule, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(MINUTES - 1), { maxLength: 6 }),
        (past, rules, moves) => {
          const found = live(past, rules, new Set(moves));
          triggers += found.flat(2).length;
          expect(simulated(past, rules)).toEqual(found);
        },
      ),
      { numRuns: 1_500 },
    );
    // the property would hold of two engines that never trigger, too
    expect(triggers).toBeGreaterThan(5_000);
  });

  it('holds when a plan takes over what another one knew', () => {
    fc.assert(
      fc.property(fleetPast, tree, tree, fc.nat(MINUTES - 2), (past, kept, added, change) => {
        const both = planDecisions([added, kept], SETTINGS);
        const fleet = layoutOf(past);
        const old = planDecisions([kept], SETTINGS);
        const before = new FleetState(old, fleet);
        const whole = new FleetState(both, fleet);
        const of = (plan: DecisionPlan) => past.map((machine) => historyOf(plan, machine, past[0]!));
        const [oldPast, newPast] = [of(old), of(both)];
        for (let m = 0; m <= change; m++) {
          before.step(FIRST + m, columnsAt(old, oldPast, m));
          whole.step(FIRST + m, columnsAt(both, newPast, m));
        }
        const next = new FleetState(both, fleet);
        const unknown = next.adopt(before);
        expect(unknown.every((c) => !old.conditions.some((o) => o.key === both.conditions[c]!.key))).toBe(true);
        for (let m = change + 1; m < MINUTES; m++) {
          next.step(FIRST + m, columnsAt(both, newPast, m));
          whole.step(FIRST + m, columnsAt(both, newPast, m));
          const out = [next, whole].map((state) => [...state.truths(1, new Uint8Array(past.length))]);
          expect(out[0]).toEqual(out[1]);
        }
      }),
      { numRuns: 300 },
    );
  });
});
