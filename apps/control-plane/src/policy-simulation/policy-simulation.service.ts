import { Injectable } from '@nestjs/common';
import type { SimulatePolicyBody } from '@flotilla/contracts';
import {
  activeMinutes,
  carryOut,
  gridWith,
  HistoryEvaluator,
  inScope,
  leavesOf,
  planDecisions,
  policySubject,
  replayTriggers,
  RunningTime,
  Sweep,
  SWEEP_GRID,
  sweptTree,
} from '@flotilla/domain';
import type { ConditionTree, ReplayRule, SeriesNeed, StopCandidate } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { DecisionHistory } from '../decision-history/index.js';
import type { HistoryInstance } from '../decision-history/index.js';
import { resolveInstance } from '../instance-refs/index.js';
import { InstanceSimulation } from './instance-simulation.js';
import type { FoundTrigger, InstanceFindings, SimulationSetting } from './instance-simulation.js';
import {
  isoMinute,
  outcomesOf,
  precisionOf,
  toldCell,
  toldEpisode,
  toldTime,
  toldTrigger,
} from './simulation-answer.js';
import type { Answer } from './simulation-answer.js';
import { notesOf } from './simulation-notes.js';
import { questionOf } from './simulation-question.js';
import type { SimulationQuestion } from './simulation-question.js';

const DAY_MINUTES = 1_440;
/** Evidence that the gate looks at where the conditions say nothing of a time. */
const GATE_WINDOW_MINUTES = 30;
const UTILIZATION: SeriesNeed = { metric: 'gpu_utilization', level: 'gpu', statistic: 'max' };
const MEMORY: SeriesNeed = { metric: 'memory_used_mib', level: 'gpu', statistic: 'max' };

interface Looked {
  readonly instance: HistoryInstance;
  readonly findings: InstanceFindings;
  readonly running: RunningTime;
}

/** What a policy would have done: the evaluator of the live engine over stored minutes, and what followed in truth. */
@Injectable()
export class PolicySimulationService {
  constructor(
    private readonly db: Db,
    private readonly history: DecisionHistory,
  ) {}

  /** @param toMinute for tests: the Unix minute after the last one that is looked at */
  async simulate(
    actor: TenantRef,
    body: SimulatePolicyBody,
    toMinute = Math.floor(Date.now() / 60_000),
  ): Promise<Answer> {
    const { tenant, instanceIds } = await this.db.read(actor, (tx) => readScope(tx, actor, body));
    const question = questionOf(body, instanceIds);
    const startMinute = toMinute - question.lookbackDays * DAY_MINUTES;
    const swept = question.sweep ? sweptTree(question.rules.conditions) : null;
    const trees: ConditionTree[] = [question.rules.conditions, ...(swept?.rest ? [swept.rest] : [])];
    const plan = planDecisions(trees, { idleBelowPercent: tenant.idle_below_percent });
    const fromMinute = startMinute - plan.lookbackMinutes;
    const minutes = toMinute - fromMinute;
    const series = [...plan.series, UTILIZATION, ...(question.gate ? [MEMORY] : [])];
    const asked = { series, fromMinute, toMinute };

    const replay: ReplayRule = {
      cooldownMinutes: question.rules.cooldownMinutes,
      startMinute,
      schedule: question.rules.schedule && activeMinutes(question.rules.schedule, fromMinute, toMinute),
    };
    const leaves = leavesOf(question.rules.conditions);
    const setting: SimulationSetting = {
      rules: question.rules,
      plan,
      replay,
      leaves,
      gate: question.gate,
      keep: question.limit,
      tenantTriggers: await this.tenantTriggers(actor, question, asked, plan, replay),
      busyFromPercent: tenant.idle_below_percent,
      gateWindow: Math.max(GATE_WINDOW_MINUTES, ...leaves.map((leaf) => leaf.durationMinutes ?? 0)),
      places: { utilization: plan.series.length, memory: question.gate ? plan.series.length + 1 : null },
    };
    const all = await this.history.instances(actor, null, fromMinute, toMinute);
    const fleet = new Map(all.map((one) => [one.id, new RunningTime(one.spans, one.model, one.basis)]));
    const chosen = all.filter((instance) => inScope(question.rules.scope, instance));
    const sweep = swept && new Sweep(gridWith(SWEEP_GRID, swept.leaf, tenant.idle_below_percent), replay, minutes);
    const simulation = new InstanceSimulation(setting, minutes);
    const looked: Looked[] = [];
    for await (const { instance, history } of this.history.stream(actor, chosen, asked)) {
      const running = fleet.get(instance.id)!;
      const findings = simulation.look(instance, history, running);
      looked.push({ instance, findings, running });
      sweep?.add({
        firstMinute: fromMinute,
        minutes,
        gpus: history.series[setting.places.utilization]!,
        rest: simulation.restTruths(minutes),
        after: simulation.after,
        running,
      });
    }
    const carried = carryOut(
      looked.flatMap(({ findings }) => findings.candidates),
      { ...question.rules, target: question.stop.target ?? 'lowest_utilization', percentage: question.stop.percentage },
      (minute) => [...fleet.values()].filter((running) => running.runningSince(minute) !== null).length,
    );
    return {
      ...answerOf(question, setting, looked, carried.stops),
      blocked: {
        schedule: sum(looked, ({ outsideSchedule }) => outsideSchedule),
        cooldown: sum(looked, ({ inCooldown }) => inCooldown),
        protection: sum(looked, ({ protectedTriggers }) => protectedTriggers),
        gate: sum(looked, ({ gateTriggers }) => gateTriggers),
        gate_checks: gateChecks(looked),
        quota: carried.overQuota,
        cap_per_run: carried.overRunCap,
        cap_per_day: carried.overDayCap,
      },
      evaluated: {
        instances: looked.length,
        without_gpu_utilization: looked.filter(({ findings }) => !findings.hasReadings).length,
        from: isoMinute(startMinute),
        to: isoMinute(toMinute),
        busy_from_percent: tenant.idle_below_percent,
      },
      sweep: sweep && { metric: 'gpu_utilization', curve: sweep.cells().map(toldCell) },
      notes: notesOf(question, swept !== null, leaves),
      simulated: tenant.simulated || looked.some(({ instance }) => instance.simulated),
    };
  }

  /** Where the conditions are about the tenant: once for all, from its own series. */
  private async tenantTriggers(
    actor: TenantRef,
    question: SimulationQuestion,
    asked: { readonly series: readonly SeriesNeed[]; readonly fromMinute: number; readonly toMinute: number },
    plan: SimulationSetting['plan'],
    replay: ReplayRule,
  ): Promise<readonly number[] | null> {
    if (policySubject(question.rules.conditions) !== 'tenant') return null;
    const minutes = asked.toMinute - asked.fromMinute;
    const values = await this.history.tenantSeries(actor, { ...asked, series: plan.series });
    const evaluator = new HistoryEvaluator(plan, minutes);
    evaluator.load({ firstMinute: asked.fromMinute, minutes, series: values.map((one) => [one]) });
    return replayTriggers(evaluator.truths(0, minutes), asked.fromMinute, minutes, replay).triggers;
  }
}

async function readScope(tx: ReadTx, actor: TenantRef, body: SimulatePolicyBody) {
  const tenant = await tx.row<{ idle_below_percent: number; simulated: boolean }>(
    'SELECT t.idle_below_percent::float8 AS idle_below_percent, t.simulated FROM flotilla.tenants t WHERE t.tenant_id = $1',
    [actor.tenantId],
  );
  const instanceIds: number[] = [];
  for (const ref of body.scope === 'specific_instance' ? (body.scope_filter.instance_ids ?? []) : []) {
    instanceIds.push(await resolveInstance(tx, actor, String(ref), typeof ref === 'number' ? 'numeric' : undefined));
  }
  return { tenant: tenant!, instanceIds };
}

function answerOf(
  question: SimulationQuestion,
  setting: SimulationSetting,
  looked: readonly Looked[],
  stops: readonly StopCandidate[],
) {
  const byId = new Map(looked.map((one) => [one.instance.id, one]));
  const stopsOf = new Map<number, StopCandidate[]>();
  for (const stop of stops) stopsOf.set(stop.instanceId, [...(stopsOf.get(stop.instanceId) ?? []), stop]);
  const runningOf = (own: readonly StopCandidate[]) => (at: number) => byId.get(own[at]!.instanceId)!.running;
  const affected = looked
    .filter(({ instance, findings }) => (setting.tenantTriggers ? stopsOf.has(instance.id) : findings.triggers > 0))
    .sort((a, b) => b.findings.triggers - a.findings.triggers || a.instance.id - b.instance.id);
  const found: { minute: number; told: { instance: HistoryInstance; one: FoundTrigger } | null }[] =
    setting.tenantTriggers
      ? setting.tenantTriggers.map((minute) => ({ minute, told: null }))
      : looked.flatMap(({ instance, findings }) =>
          findings.found.map((one) => ({ minute: one.minute, told: { instance, one } })),
        );
  // an empty list when nothing may be in the answer: slice(-0) is everything
  const newest = <T>(sorted: readonly T[]) => (question.limit === 0 ? [] : sorted.slice(-question.limit));
  const total = outcomesOf(
    stops.map(({ stop }) => stop),
    runningOf(stops),
  );
  return {
    triggers: newest(found.sort((a, b) => a.minute - b.minute)).map(({ minute, told }) =>
      told
        ? toldTrigger(told.instance, told.one, setting.leaves)
        : { timestamp: isoMinute(minute), instance_id: null, conditions_met: [] },
    ),
    total_triggers: setting.tenantTriggers ? setting.tenantTriggers.length : sum(looked, ({ triggers }) => triggers),
    affected_instances: affected.map(({ instance }) => instance.providerId),
    episodes: newest(stops).map((stop) => {
      const { instance, running } = byId.get(stop.instanceId)!;
      return toldEpisode(stop, instance, running);
    }),
    total_stops: total.stops,
    false_stops: total.falseStops,
    undecided_stops: total.undecided,
    precision: precisionOf(total.stops, total.falseStops, total.undecided),
    ...toldTime(total.time),
    instances: affected.slice(0, question.limit).map(({ instance, findings }) => {
      const own = stopsOf.get(instance.id) ?? [];
      const outcomes = outcomesOf(
        own.map(({ stop }) => stop),
        runningOf(own),
      );
      return {
        instance_id: instance.providerId,
        instance_number: instance.id,
        name: instance.label,
        triggers: findings.triggers,
        stops: outcomes.stops,
        false_stops: outcomes.falseStops,
        undecided_stops: outcomes.undecided,
        ...toldTime(outcomes.time),
        simulated: instance.simulated,
      };
    }),
  };
}

const sum = (looked: readonly Looked[], of: (findings: InstanceFindings) => number) =>
  looked.reduce((total, { findings }) => total + of(findings), 0);

function gateChecks(looked: readonly Looked[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { findings } of looked) {
    for (const [check, count] of findings.gateChecks) counts[check] = (counts[check] ?? 0) + count;
  }
  return counts;
}
