import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { decisionMetric, firingLeaf, IDLE_SERIES, recoveryLeaf, TRUE } from '@flotilla/domain';
import type { FleetState, MinuteColumns } from '@flotilla/domain';
import { Db, systemActor } from '@flotilla/persistence';
import type { ReadTx } from '@flotilla/persistence';
import { AlertDesk } from '../alerts/index.js';
import type { RaisedAlert } from '../alerts/index.js';
import { DecisionRounds, LiveFleet } from '../decisions/index.js';
import type { DecisionEvaluator, DecisionRound, RoundFleet } from '../decisions/index.js';
import { firingOf } from './firing.js';
import { conditionOf, inScope, RULE_COLUMNS } from './rule-row.js';
import type { RuleRow } from './rule-row.js';

/** Alerts that begin or end in one transaction. */
const AT_ONCE = 500;
/** Where the tenant itself is the subject. */
const TENANT_SUBJECT = 'tenant:tenant';

interface Rules {
  readonly key: string;
  readonly rules: readonly RuleRow[];
  readonly idleBelowPercent: number;
  readonly currency: string;
  readonly simulated: boolean;
}

interface OpenAlert extends Record<string, unknown> {
  readonly rule_id: number;
  readonly subject: string;
  /** A person resolved it while it goes on, and its quiet time is over. */
  readonly may_fire: boolean;
}

interface Decided {
  readonly raised: RaisedAlert[];
  readonly over: { readonly rule: RuleRow; readonly type: 'instance' | 'tenant'; readonly id: string }[];
}

/** The alert rules of the tenants that this replica decides for, evaluated minute by minute. */
@Injectable()
export class AlertRulesEngine implements OnModuleInit, DecisionEvaluator {
  readonly name = 'alert-rules';
  private readonly known = new Map<string, Rules>();
  private readonly fleets = new Map<string, LiveFleet>();

  constructor(
    private readonly db: Db,
    private readonly rounds: DecisionRounds,
    private readonly desk: AlertDesk,
  ) {}

  onModuleInit(): void {
    this.rounds.register(this);
  }

  async evaluate(round: DecisionRound): Promise<void> {
    const { tenantId } = round;
    const rules = await this.db.read(round, (tx) => this.load(tx, tenantId));
    if (rules.rules.length === 0) return void this.fleets.delete(tenantId);
    let live = this.fleets.get(tenantId);
    if (!live) this.fleets.set(tenantId, (live = new LiveFleet(this.db)));
    const trees = rules.rules.flatMap((rule) => [firingLeaf(conditionOf(rule)), recoveryLeaf(conditionOf(rule))]);
    const { state, fleet } = await live.advance(round, {
      trees,
      idleBelowPercent: rules.idleBelowPercent,
      key: rules.key,
    });
    const columns = await round.columns(state.plan.series);
    const open = await this.db.read(round, (tx) => tx.rows<OpenAlert>(OPEN, [tenantId, round.at]));
    const decided = decide(round, rules, state, columns, fleet, open);
    await this.write(round, decided);
  }

  private async write(round: DecisionRound, { raised, over }: Decided): Promise<void> {
    const actor = systemActor(round.tenantId, 'alert rules');
    for (let from = 0; from < raised.length; from += AT_ONCE) {
      await this.db.write(actor, async (tx) => {
        await round.hold(tx);
        await this.desk.raiseAll(tx, round.tenantId, raised.slice(from, from + AT_ONCE));
      });
    }
    for (let from = 0; from < over.length; from += AT_ONCE) {
      await this.db.write(actor, async (tx) => {
        await round.hold(tx);
        const keys = over.slice(from, from + AT_ONCE).map(({ rule, type, id }) => {
          return { alertType: rule.alert_type, ruleId: rule.id, builtIn: null, subject: { type, id }, at: round.at };
        });
        await this.desk.resolve(tx, round.tenantId, keys);
      });
    }
  }

  /** The rules, read anew only when one changed. */
  private async load(tx: ReadTx, tenantId: string): Promise<Rules> {
    const settings = await tx.row<{ idle: number; currency: string; simulated: boolean; version: string }>(SETTINGS, [
      tenantId,
    ]);
    const { idle: idleBelowPercent, version, ...tenant } = settings!;
    const known = this.known.get(tenantId);
    const key = `${version} ${idleBelowPercent} ${tenant.currency}`;
    if (known?.key === key) return known;
    const rules = await tx.rows<RuleRow>(
      `SELECT ${RULE_COLUMNS} FROM flotilla.alert_rules r WHERE r.tenant_id = $1 AND r.enabled ORDER BY r.id`,
      [tenantId],
    );
    // a metric of a later version, after a step back, must not keep the others from being decided about
    const usable = rules.filter((rule) => decisionMetric(rule.metric) !== undefined);
    const loaded = { ...tenant, key, rules: usable, idleBelowPercent };
    this.known.set(tenantId, loaded);
    return loaded;
  }
}

const SETTINGS = `
  SELECT t.idle_below_percent::float8 AS idle, t.currency, t.simulated,
         (SELECT count(*)::text || ' ' || coalesce(max(r.updated_at)::text, '') || ' ' || coalesce(sum(r.id)::text, '')
            FROM flotilla.alert_rules r WHERE r.tenant_id = t.tenant_id AND r.enabled) AS version
    FROM flotilla.tenants t WHERE t.tenant_id = $1`;

const OPEN = `
  SELECT a.rule_id, a.subject_type || ':' || a.subject_id AS subject,
         a.status = 'resolved' AND coalesce(a.quiet_until <= $2, true) AS may_fire
    FROM flotilla.alerts a WHERE a.tenant_id = $1 AND a.rule_id IS NOT NULL AND a.ended_at IS NULL`;

/** What begins and what is over, of every rule on every subject. */
function decide(
  round: DecisionRound,
  rules: Rules,
  state: FleetState,
  columns: MinuteColumns,
  fleet: RoundFleet,
  openAlerts: readonly OpenAlert[],
): Decided {
  const decided: Decided = { raised: [], over: [] };
  const open = new Map<number, Map<string, boolean>>();
  for (const { rule_id: rule, subject, may_fire } of openAlerts) {
    const subjects = open.get(rule) ?? new Map<string, boolean>();
    open.set(rule, subjects.set(subject, may_fire));
  }
  const names = fleet.instances.map(({ id }) => `instance:${id}`);
  rules.rules.forEach((rule, r) => {
    const [fire, recover] = [leafOf(state, 2 * r), leafOf(state, 2 * r + 1)];
    const subjects = open.get(rule.id) ?? NOTHING;
    const seen = new Set<string>();
    const look = (place: number, subject: string, i: number | null) => {
      const mayFire = subjects.get(subject);
      if (mayFire !== undefined) seen.add(subject);
      if (state.leafTruth(fire, place) === TRUE) {
        if (mayFire === false) return;
        const instance = i === null ? null : fleet.instances[i]!;
        const sinceMinute = state.leafSince(fire, place);
        const values = valuesOf(state, columns, fire, place);
        const at = { values, sinceMinute, minute: round.minute, currency: rules.currency };
        const simulated = instance ? instance.simulated || rules.simulated : rules.simulated;
        decided.raised.push(firingOf(round.tenantId, rule, instance, at, simulated));
      } else if (mayFire !== undefined) {
        const gone = i !== null && isOff(rule, fleet.instances[i]!.state);
        if (!gone && state.leafTruth(recover, place) !== TRUE) return;
        const [type, id] = subject.split(':') as ['instance' | 'tenant', string];
        decided.over.push({ rule, type, id });
      }
    };
    const level = decisionMetric(rule.metric)!.level;
    if (level === 'tenant') look(0, TENANT_SUBJECT, null);
    else {
      for (let i = 0; i < fleet.instances.length; i++) {
        // most rules say nothing of most instances: this loop runs millions of times a round
        if (subjects.size === 0 && state.leafTruth(fire, i) !== TRUE) continue;
        if (rule.scope === 'all' || inScope(rule, fleet.instances[i]!)) look(i, names[i]!, i);
      }
    }
    // instances that are gone, or are none of this rule's any more
    for (const subject of subjects.keys()) {
      if (seen.has(subject)) continue;
      const [type, id] = subject.split(':') as ['instance' | 'tenant', string];
      decided.over.push({ rule, type, id });
    }
  });
  return decided;
}

const NOTHING: ReadonlyMap<string, boolean> = new Map();

/** A machine that is off reports nothing, and nothing more can be said of what its agent measured. */
const isOff = (rule: RuleRow, state: string) =>
  state === 'stopped' && decisionMetric(rule.metric)!.source === 'collected';

function leafOf(state: FleetState, tree: number): number {
  const planned = state.plan.trees[tree]!;
  if (planned.kind !== 'leaf') throw new RangeError('a rule is one comparison');
  return planned.leaf;
}

function valuesOf(state: FleetState, columns: MinuteColumns, leaf: number, place: number): number[] {
  const { series, level, threshold } = state.plan.conditions[state.plan.leaves[leaf]!.condition]!;
  if (series === IDLE_SERIES) {
    const since = state.leafSince(leaf, place);
    // it grows by one each minute
    return since === null ? [] : [Math.ceil(threshold) + state.minute! - since];
  }
  const column = columns[series]!;
  if (level === 'tenant') return [column[0]!];
  if (level === 'instance') return [column[place]!];
  const { gpuStart } = state.fleet;
  const count = gpuStart[place + 1]! - gpuStart[place]!;
  return Array.from({ length: count }, (_, g) => column[gpuStart[place]! + g]!);
}
