import {
  Afterwards,
  gateInHindsight,
  lowestSeen,
  HistoryEvaluator,
  protectionOf,
  PROTECTION_TAGS_DEFAULT,
  replayTriggers,
  RunningTime,
  wouldBeStop,
} from '@flotilla/domain';
import type {
  DecisionPlan,
  InstanceHistory,
  LeafCondition,
  MachineFacts,
  PolicyRules,
  ReplayRule,
  StopCandidate,
} from '@flotilla/domain';
import type { HistoryInstance } from '../decision-history/index.js';

/** What every instance of a simulation is looked at with. */
export interface SimulationSetting {
  readonly rules: PolicyRules;
  readonly plan: DecisionPlan;
  readonly replay: ReplayRule;
  /** Triggers of the tenant as a whole; null: the conditions are about instances. */
  readonly tenantTriggers: readonly number[] | null;
  readonly busyFromPercent: number;
  readonly gate: boolean;
  /** Minutes of evidence that the gate looks at. */
  readonly gateWindow: number;
  readonly leaves: readonly LeafCondition[];
  /** Places in the series that are read. */
  readonly places: { readonly utilization: number; readonly memory: number | null };
  /** Triggers whose conditions are told. */
  readonly keep: number;
}

export interface FoundTrigger {
  readonly minute: number;
  /** In the order of `leaves`; null: nothing is known. */
  readonly values: readonly (number | null)[];
}

/** What came of one instance. */
export interface InstanceFindings {
  readonly triggers: number;
  /** The newest ones, ascending. */
  readonly found: readonly FoundTrigger[];
  readonly candidates: readonly StopCandidate[];
  readonly outsideSchedule: number;
  readonly inCooldown: number;
  readonly protectedTriggers: number;
  readonly gateTriggers: number;
  /** Check of the gate → how often it was in the way. */
  readonly gateChecks: ReadonlyMap<string, number>;
  readonly hasReadings: boolean;
}

/** Goes through the past of one instance after the other with buffers of its own. */
export class InstanceSimulation {
  private readonly evaluator: HistoryEvaluator;
  readonly after: Afterwards;

  constructor(
    private readonly setting: SimulationSetting,
    minutesMax: number,
  ) {
    this.evaluator = new HistoryEvaluator(setting.plan, minutesMax);
    this.after = new Afterwards(minutesMax);
  }

  look(instance: HistoryInstance, history: InstanceHistory, running: RunningTime): InstanceFindings {
    const { setting } = this;
    const gpus = history.series[setting.places.utilization]!;
    this.after.load(history.firstMinute, history.minutes, gpus, setting.busyFromPercent);
    this.evaluator.load(history);
    const replay = setting.tenantTriggers
      ? {
          triggers: setting.tenantTriggers.filter((m) => running.runningSince(m) !== null),
          outsideSchedule: 0,
          inCooldown: 0,
        }
      : replayTriggers(this.evaluator.truths(0, history.minutes), history.firstMinute, history.minutes, setting.replay);
    const { triggers } = replay;
    const found = setting.tenantTriggers
      ? []
      : triggers.slice(-setting.keep).map((minute) => ({ minute, values: this.valuesAt(history, minute) }));
    const gateChecks = new Map<string, number>();
    const findings = {
      triggers: triggers.length,
      found,
      gateChecks,
      protectedTriggers: 0,
      gateTriggers: 0,
      outsideSchedule: replay.outsideSchedule,
      inCooldown: replay.inCooldown,
      hasReadings: this.after.knownMinutes > 0,
    };
    const patterns = [...PROTECTION_TAGS_DEFAULT, ...setting.rules.protectTags];
    if (protectionOf(instance, patterns) !== null) {
      return { ...findings, protectedTriggers: triggers.length, candidates: [] };
    }
    const candidates: StopCandidate[] = [];
    const machine = machineFacts(instance);
    const { memory } = setting.places;
    const floors = setting.gate && memory !== null ? history.series[memory]!.map(lowestSeen) : [];
    let allowedUntil = -1;
    for (const minute of triggers) {
      const stop = wouldBeStop(minute, this.after, running);
      // while a stop that the gate allows would still last, nothing speaks against the same stop some minutes later
      if (setting.gate && minute >= allowedUntil) {
        const against = this.gateAgainst(instance, machine, history, floors, running, minute);
        for (const check of against) gateChecks.set(check, (gateChecks.get(check) ?? 0) + 1);
        if (against.length > 0) {
          findings.gateTriggers++;
          continue;
        }
        allowedUntil = stop.offUntil;
      }
      candidates.push({
        instanceId: instance.id,
        utilization: highest(gpus, minute - history.firstMinute),
        idleMinutes: this.after.quietFor(minute),
        hourlyCost: running.hourlyAt(minute),
        stop,
      });
    }
    return { ...findings, candidates };
  }

  /** Truth of the second tree of the plan, which is what a sweep leaves as it is. Valid until the next look. */
  restTruths(minutes: number): Uint8Array | null {
    return this.setting.plan.trees.length > 1 ? this.evaluator.truths(1, minutes) : null;
  }

  private gateAgainst(
    instance: HistoryInstance,
    machine: Writable<MachineFacts>,
    history: InstanceHistory,
    gpuMemoryFloorMib: readonly (number | null)[],
    running: RunningTime,
    minute: number,
  ) {
    const { places, gateWindow, busyFromPercent, rules } = this.setting;
    const since = running.runningSince(minute);
    machine.stateSinceMs = since === null ? null : since / 1000;
    const judged = gateInHindsight(
      {
        firstMinute: history.firstMinute,
        utilization: history.series[places.utilization]!,
        memoryUsedMib: places.memory === null ? [] : history.series[places.memory]!,
        gpuUuids: instance.gpus.map(({ uuid }) => uuid),
        gpuMemoryTotalMib: instance.gpus.map(({ memoryTotalMib }) => memoryTotalMib),
        gpuMemoryFloorMib,
      },
      machine,
      minute,
      gateWindow,
      Math.max(busyFromPercent, quietThreshold(rules, busyFromPercent)),
    );
    return judged.checks.flatMap(({ check, blocks }) => (blocks ? [check] : []));
  }

  private valuesAt(history: InstanceHistory, minute: number): (number | null)[] {
    const { plan, leaves } = this.setting;
    const m = minute - history.firstMinute;
    return leaves.map((leaf) => {
      if (leaf.metric === 'idle_minutes') return this.after.quietFor(minute);
      const planned = plan.leaves.find(({ source }) => isSame(source, leaf));
      const series = planned && plan.conditions[planned.condition]!.series;
      const values = series === undefined || series < 0 ? [] : history.series[series]!;
      const known = values.map((one) => one[m]!).filter((value) => !Number.isNaN(value));
      if (known.length === 0) return null;
      // of several GPUs the one that decides: "any over" by its highest, "all below" by its highest too
      return leaf.acrossGpus === 'any' && leaf.operator.startsWith('l') ? Math.min(...known) : Math.max(...known);
    });
  }
}

const FIELDS = ['metric', 'operator', 'threshold', 'durationMinutes', 'acrossGpus', 'missing', 'statistic'] as const;
/** Of leaves that are equal, the plan keeps one. */
const isSame = (a: LeafCondition, b: LeafCondition) => FIELDS.every((field) => a[field] === b[field]);

/** A machine that the policy calls idle at 10 % is judged by 10 %, too. */
function quietThreshold({ conditions }: PolicyRules, otherwise: number): number {
  const leaf = 'rules' in conditions ? null : conditions;
  return leaf?.metric === 'gpu_utilization' && leaf.operator.startsWith('l') ? leaf.threshold : otherwise;
}

function highest(gpus: readonly ArrayLike<number>[], m: number): number {
  let value = gpus.length === 0 ? NaN : -Infinity;
  for (const gpu of gpus) value = Math.max(value, gpu[m]!);
  return value;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What holds for the machine at any time; since when it ran is another answer each time. */
function machineFacts(instance: HistoryInstance): Writable<MachineFacts> {
  const { placement } = instance;
  const disks = placement['local_disks'];
  return {
    label: instance.label,
    cloudProvider: instance.cloudProvider,
    instanceType: instance.instanceType,
    // it reported, so it ran, whatever was said of it
    state: 'running',
    stateSinceMs: null,
    protected: instance.protected,
    tags: instance.tags,
    lifecycle: placement['lifecycle'] ?? null,
    autoScalingGroup: placement['auto_scaling_group'] ?? null,
    kubernetesNode: placement['kubernetes_node'] ?? null,
    slurmNode: placement['slurm_node'] ?? null,
    localDisks: disks === 'none' || disks === 'erased' || disks === 'disposable' ? disks : null,
    gpuCount: instance.gpuCount,
  };
}
