import {
  emptyTriggers,
  inScope,
  isActive,
  isCool,
  policySubject,
  resumeTrigger,
  triggerMinute,
  TRUE,
} from '@flotilla/domain';
import type { FleetState, MinuteColumns, PolicyRules } from '@flotilla/domain';
import type { Db } from '@flotilla/persistence';
import { LiveFleet } from '../decisions/index.js';
import type { DecisionRound, RoundFleet } from '../decisions/index.js';
import { rulesOf } from './policy-wire.js';
import type { PolicyRow } from './policy-rows.js';

/** In place of an instance: the tenant itself. */
export const TENANT = 0;

/** A policy with what it says made ready. */
export interface WatchedPolicy {
  readonly row: PolicyRow;
  readonly rules: PolicyRules;
}

/** A minute of all policies of a tenant: what is true of whom, then and the minute before. */
export interface PolicyMinute {
  readonly minute: number;
  readonly fleet: RoundFleet;
  readonly state: FleetState;
  readonly columns: MinuteColumns;
  readonly policies: readonly WatchedPolicy[];
  /** In the order of `policies`: those for whom the conditions hold. */
  readonly truths: readonly ReadonlySet<number>[];
  readonly truthsBefore: readonly ReadonlySet<number>[];
}

/** What a minute means for one policy. */
export interface PolicyDecision {
  readonly triggered: readonly number[];
  /** It came true, and the schedule was closed. */
  readonly outsideSchedule: readonly number[];
  /** It came true, and the last trigger was too near. */
  readonly inCooldown: readonly number[];
}

/**
 * The conditions of a tenant's policies, minute by minute. Everything in here is a cache: truths follow from stored data, the
 * newest triggers are read from the history, and the step itself is the simulation's.
 */
export class PolicyWatch {
  private live: LiveFleet;
  private newest: { readonly minute: number; readonly truths: ReadonlyMap<string, ReadonlySet<number>> } | null = null;

  constructor(private readonly db: Db) {
    this.live = new LiveFleet(db);
  }

  async at(round: DecisionRound, rows: readonly PolicyRow[], idleBelowPercent: number): Promise<PolicyMinute> {
    const policies = rows.map((row) => ({ row, rules: rulesOf(row.definition) }));
    const watched = {
      trees: policies.map(({ rules }) => rules.conditions),
      idleBelowPercent,
      key: `${idleBelowPercent} ${rows.map(keyOf).join(' ')}`,
    };
    const before = round.minute - 1;
    const known = this.newest?.minute === before ? this.newest.truths : null;
    // what began before this minute and is not known has to be derived: a restart, another replica, a minute that failed
    const cold = !known || rows.some((row) => row.start_minute <= before && !known.has(keyOf(row)));
    let truthsBefore: readonly ReadonlySet<number>[];
    if (cold) {
      this.live = new LiveFleet(this.db);
      const past = await this.live.advance(roundBefore(round), watched);
      truthsBefore = policies.map((one, tree) => holders(past.state, past.fleet, one, tree));
    } else {
      truthsBefore = rows.map((row) => known.get(keyOf(row)) ?? NOBODY);
    }
    const { state, fleet } = await this.live.advance(continued(round, before), watched);
    const truths = policies.map((one, tree) => holders(state, fleet, one, tree));
    this.newest = { minute: round.minute, truths: new Map(rows.map((row, at) => [keyOf(row), truths[at]!])) };
    const columns = await round.columns(state.plan.series);
    return { minute: round.minute, fleet, state, columns, policies, truths, truthsBefore };
  }
}

const NOBODY: ReadonlySet<number> = new Set();
const keyOf = ({ id, version }: PolicyRow) => `${id}v${version}`;

/** Those in scope for whom a tree is true: numbers of instances, or the tenant. */
function holders(state: FleetState, fleet: RoundFleet, { rules }: WatchedPolicy, tree: number): ReadonlySet<number> {
  const out = state.truths(tree, new Uint8Array(fleet.instances.length));
  if (policySubject(rules.conditions) === 'tenant') return out[0] === TRUE ? new Set([TENANT]) : NOBODY;
  return new Set(fleet.instances.filter((one, i) => out[i] === TRUE && inScope(rules.scope, one)).map(({ id }) => id));
}

/**
 * The triggers of one policy at a minute, by the very steps that the simulation takes.
 *
 * @param lastTriggers newest trigger before the minute, by instance (or TENANT), as the history has it
 */
export function decidePolicy(
  { row, rules }: WatchedPolicy,
  minute: number,
  isTrue: ReadonlySet<number>,
  wasTrue: ReadonlySet<number>,
  lastTriggers: ReadonlyMap<number, number>,
): PolicyDecision {
  const { schedule, cooldownMinutes } = rules;
  const rule = { cooldownMinutes, startMinute: row.start_minute };
  const open = (at: number) => schedule === null || isActive(schedule, at * 60_000);
  const [now, then] = [open(minute), open(minute - 1)];
  const triggered: number[] = [];
  const outsideSchedule: number[] = [];
  const inCooldown: number[] = [];
  const slots = emptyTriggers(1);
  for (const id of [...isTrue].sort((a, b) => a - b)) {
    slots.lastTrigger[0] = lastTriggers.get(id) ?? -1;
    resumeTrigger(slots, 0, minute - 1, wasTrue.has(id), then, rule);
    const cool = isCool(slots, 0, minute, cooldownMinutes);
    if (triggerMinute(slots, 0, minute, true, now, rule)) triggered.push(id);
    else if (wasTrue.has(id) || minute < rule.startMinute) continue;
    else if (!now) outsideSchedule.push(id);
    else if (!cool) inCooldown.push(id);
  }
  return { triggered, outsideSchedule, inCooldown };
}

/** The same tenant one minute earlier, with nothing known of what was before. */
function roundBefore(round: DecisionRound): DecisionRound {
  return earlierRound(round, round.minute - 1);
}

/** A round that has closed before, read again from what is stored. */
export function earlierRound(round: DecisionRound, minute: number): DecisionRound {
  return {
    tenantId: round.tenantId,
    minute,
    at: new Date((minute + 1) * 60_000),
    previous: null,
    fleet: () => round.fleet(),
    columns: async (series) => {
      for await (const past of round.past(series, minute, minute)) if (past.minute === minute) return past.columns;
      const { layout } = await round.fleet();
      const [gpus, instances] = [layout.gpuStart.at(-1)!, layout.instanceIds.length];
      return series.map(({ level }) =>
        new Float64Array(level === 'gpu' ? gpus : level === 'instance' ? instances : 1).fill(NaN),
      );
    },
    past: (series, from, to) => round.past(series, from, to),
    hold: (tx) => round.hold(tx),
  };
}

/** The round as the one after `previous`. */
const continued = (round: DecisionRound, previous: number): DecisionRound => ({
  tenantId: round.tenantId,
  minute: round.minute,
  at: round.at,
  previous,
  fleet: () => round.fleet(),
  columns: (series) => round.columns(series),
  past: (series, from, to) => round.past(series, from, to),
  hold: (tx) => round.hold(tx),
});
