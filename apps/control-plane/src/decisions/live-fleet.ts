import { FleetState, planDecisions } from '@flotilla/domain';
import type { ConditionTree, DecisionPlan, FleetLayout } from '@flotilla/domain';
import type { Db } from '@flotilla/persistence';
import type { DecisionRound, RoundFleet } from './decision-round.js';

/** Minutes that may come late and are still counted, while a replica keeps its state. */
const LATE_MINUTES = 10;

/** What is decided about, and the tenant's settings that it depends on. */
export interface Watched {
  readonly trees: readonly ConditionTree[];
  readonly idleBelowPercent: number;
  /** Equal when `trees` are: of two rounds with the same key the plan is kept. */
  readonly key: string;
}

/**
 * The truths of a tenant's conditions, brought from round to round.
 *
 * What is known is a cache. It is derived from stored data where there is none (another replica decided before, or this one
 * was away), for what is new (a rule, a comparison), and for instances whose minutes came late; never is it stored.
 */
export class LiveFleet {
  private state: FleetState | null = null;
  private key: string | null = null;
  /** Instance → newest minute with any value; for those that lately had none. */
  private readonly heard = new Map<number, number>();

  constructor(private readonly db: Db) {}

  /** The state at the minute of the round. */
  async advance(round: DecisionRound, watched: Watched): Promise<{ state: FleetState; fleet: RoundFleet }> {
    const fleet = await round.fleet();
    const before = round.minute - 1;
    const warm = round.previous === before && this.state?.minute === before ? this.state : null;
    const plan = warm && this.key === watched.key ? warm.plan : planDecisions(watched.trees, watched);
    let state = warm;
    if (!warm) {
      state = await derived(round, plan, fleet.layout, before);
      this.heard.clear();
    } else if (plan !== warm.plan || !sameLayout(warm.fleet, fleet.layout)) {
      state = new FleetState(plan, fleet.layout);
      const unknown = state.adopt(warm);
      if (unknown.length > 0) {
        const trees = watched.trees.filter((_, at) => usesAny(plan, at, unknown));
        state.adopt(await derived(round, planDecisions(trees, watched), fleet.layout, before));
      }
    }
    if (warm) await this.adoptLate(round, state!, fleet, before);
    const columns = await round.columns(plan.series);
    state!.step(round.minute, columns);
    this.remember(state!, columns, round.minute);
    this.state = state;
    this.key = watched.key;
    return { state: state!, fleet };
  }

  /** Derives those instances anew that had nothing in the last minutes and have something now. */
  private async adoptLate(round: DecisionRound, state: FleetState, fleet: RoundFleet, before: number): Promise<void> {
    const silent = fleet.instances.filter(({ id }) => {
      const newest = this.heard.get(id);
      return newest !== undefined && newest < before && newest >= before - LATE_MINUTES;
    });
    if (silent.length === 0) return;
    const from = Math.min(...silent.map(({ id }) => this.heard.get(id)!)) + 1;
    const ofDevice = new Map(silent.flatMap((one) => one.gpus.map(({ deviceId }) => [deviceId, one] as const)));
    const rows = await this.db.read(round, (tx) =>
      tx.rows<{ device_id: number; newest: number }>(
        `SELECT m.device_id, (extract(epoch FROM max(m.minute)) / 60)::integer AS newest FROM flotilla.my_gpu_minutes m
          WHERE m.device_id = ANY ($1::integer[]) AND m.minute >= $2 AND m.minute <= $3 GROUP BY m.device_id`,
        [[...ofDevice.keys()], new Date(from * 60_000), new Date(before * 60_000)],
      ),
    );
    const late = new Set<number>();
    for (const { device_id: device, newest } of rows) {
      const { id } = ofDevice.get(device)!;
      if (newest <= this.heard.get(id)! && !late.has(id)) continue;
      late.add(id);
      this.heard.set(id, Math.max(newest, this.heard.get(id)!));
    }
    if (late.size > 0) state.adopt(await derived(round, state.plan, fleet.layout, before, late));
  }

  private remember(state: FleetState, columns: readonly ArrayLike<number>[], minute: number): void {
    const gpu = state.plan.series.flatMap((need, at) => (need.level === 'gpu' ? [columns[at]!] : []));
    const { instanceIds, gpuStart } = state.fleet;
    if (gpu.length === 0) return this.heard.clear();
    instanceIds.forEach((id, i) => {
      for (let g = gpuStart[i]!; g < gpuStart[i + 1]!; g++) {
        if (gpu.some((column) => !Number.isNaN(column[g]))) return void this.heard.set(id, minute);
      }
    });
  }
}

/** The state at a minute, from the data up to it; of some instances only, where they are named. */
async function derived(
  round: DecisionRound,
  plan: DecisionPlan,
  layout: FleetLayout,
  minute: number,
  only?: ReadonlySet<number>,
): Promise<FleetState> {
  const places = layout.instanceIds.flatMap((id, i) => (!only || only.has(id) ? [i] : []));
  const state = new FleetState(plan, only ? partOf(layout, places) : layout);
  const past = round.past(plan.series, minute - plan.lookbackMinutes + 1, minute);
  for await (const { minute: at, columns } of past) {
    state.step(at, only ? plan.series.map((need, s) => cut(columns[s]!, need.level, layout, places)) : columns);
  }
  // nothing may have been stored at the minute itself
  if (state.minute !== minute) state.minute = minute;
  return state;
}

function partOf(layout: FleetLayout, places: readonly number[]): FleetLayout {
  const gpuStart = new Int32Array(places.length + 1);
  places.forEach((i, at) => (gpuStart[at + 1] = gpuStart[at]! + layout.gpuStart[i + 1]! - layout.gpuStart[i]!));
  return { instanceIds: places.map((i) => layout.instanceIds[i]!), gpuStart };
}

function cut(
  column: ArrayLike<number>,
  level: 'gpu' | 'instance' | 'tenant',
  layout: FleetLayout,
  places: readonly number[],
): ArrayLike<number> {
  if (level === 'tenant') return column;
  if (level === 'instance') return places.map((i) => column[i]!);
  return places.flatMap((i) => {
    const [from, to] = [layout.gpuStart[i]!, layout.gpuStart[i + 1]!];
    return Array.from({ length: to - from }, (_, g) => column[from + g]!);
  });
}

const sameLayout = (a: FleetLayout, b: FleetLayout) =>
  a.instanceIds.length === b.instanceIds.length &&
  a.instanceIds.every((id, i) => id === b.instanceIds[i] && a.gpuStart[i + 1] === b.gpuStart[i + 1]);

function usesAny(plan: DecisionPlan, tree: number, conditions: readonly number[]): boolean {
  const wanted = new Set(conditions);
  const uses = (node: DecisionPlan['trees'][number]): boolean =>
    node.kind === 'leaf' ? wanted.has(plan.leaves[node.leaf]!.condition) : node.rules.some(uses);
  // the minutes idle hang on a comparison that no tree names
  return uses(plan.trees[tree]!) || (plan.idleCondition !== null && wanted.has(plan.idleCondition));
}
