import { Injectable } from '@nestjs/common';
import type { CreateAlertRuleBody, UpdateAlertRuleBody } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { ReadTx, TenantRef, WriteTx } from '@flotilla/persistence';
import { AlertDesk } from '../alerts/index.js';
import { AppError, notFound } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { checkRule } from './rule-checks.js';
import type { CheckedRule } from './rule-checks.js';
import { RULE_COLUMNS, RULE_FIELDS } from './rule-row.js';
import type { RuleRow } from './rule-row.js';

/** A round evaluates them all: as many as the bench measured, and some more. */
const MOST_RULES = 2_000;

/** Alert rules: made, changed and deleted. */
@Injectable()
export class AlertRulesService {
  constructor(
    private readonly db: Db,
    private readonly desk: AlertDesk,
  ) {}

  /** @throws AppError VALIDATION_ERROR; NOT_FOUND for an instance; CONFLICT for a name that is taken, or too many rules */
  async create(actor: RequestActor, body: CreateAlertRuleBody): Promise<number> {
    return this.db.write(actor, async (tx) => {
      const counted = await tx.row<{ n: number }>(
        'SELECT count(*)::integer AS n FROM flotilla.alert_rules r WHERE r.tenant_id = $1',
        [actor.tenantId],
      );
      if (counted!.n >= MOST_RULES) {
        throw new AppError(
          'CONFLICT',
          `A tenant has at most ${MOST_RULES} alert rules. Delete some that nobody needs.`,
        );
      }
      const rule = await checkRule(tx, actor, body);
      await assertFree(tx, actor, rule.rule_name, null);
      const row = await tx.row<{ id: number }>(INSERT, [actor.tenantId, ...valuesOf(rule), actor.label]);
      await tx.record('alert_rule.created', { type: 'alert_rule', id: row!.id }, { ...body });
      return row!.id;
    });
  }

  /** What it said of subjects that it is not about any more ends with the next minute. @throws AppError as `create`; NOT_FOUND */
  async update(actor: RequestActor, id: number, body: UpdateAlertRuleBody): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const row = await lock(tx, actor, id);
      const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      const before = Object.fromEntries(RULE_FIELDS.map((name) => [name, row[name]])) as unknown as CreateAlertRuleBody;
      // another scope has another filter
      const filter = body.scope !== undefined && body.scope !== row.scope ? {} : row.scope_filter;
      const rule = await checkRule(tx, actor, {
        ...before,
        scope_filter: filter,
        ...given,
      });
      await assertFree(tx, actor, rule.rule_name, id);
      await tx.rows(UPDATE, [actor.tenantId, ...valuesOf(rule), id]);
      if (row.enabled && !rule.enabled) await this.endAll(tx, actor, row);
      await tx.record('alert_rule.changed', { type: 'alert_rule', id }, given);
    });
  }

  /** Its alerts end; they and their history stay. @throws AppError NOT_FOUND */
  async remove(actor: RequestActor, id: number): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const row = await lock(tx, actor, id);
      await this.endAll(tx, actor, row);
      await tx.rows('DELETE FROM flotilla.alert_rules WHERE tenant_id = $1 AND id = $2', [actor.tenantId, id]);
      await tx.record('alert_rule.deleted', { type: 'alert_rule', id }, { rule_name: row.rule_name });
    });
  }

  /** Nobody looks any more whether they go on. */
  private async endAll(tx: WriteTx, actor: RequestActor, rule: RuleRow): Promise<void> {
    const open = await tx.rows<{ type: 'instance' | 'tenant'; id: string; now: Date }>(
      `SELECT a.subject_type AS type, a.subject_id AS id, clock_timestamp() AS now FROM flotilla.alerts a
        WHERE a.tenant_id = $1 AND a.rule_id = $2 AND a.ended_at IS NULL`,
      [actor.tenantId, rule.id],
    );
    const keys = open.map(({ now, ...subject }) => {
      return { alertType: rule.alert_type, ruleId: rule.id, builtIn: null, subject, at: now };
    });
    if (keys.length > 0) await this.desk.resolve(tx, actor.tenantId, keys);
  }
}

const JSON_FIELDS: readonly string[] = ['scope_filter', 'escalation'];

const valuesOf = (rule: CheckedRule): unknown[] =>
  RULE_FIELDS.map((name) => (JSON_FIELDS.includes(name) ? JSON.stringify(rule[name]) : rule[name]));

async function assertFree(tx: ReadTx, actor: TenantRef, name: string, except: number | null): Promise<void> {
  const taken = await tx.row(
    'SELECT r.id FROM flotilla.alert_rules r WHERE r.tenant_id = $1 AND r.rule_name = $2 AND r.id IS DISTINCT FROM $3::bigint',
    [actor.tenantId, name, except],
  );
  if (!taken) return;
  throw new AppError('CONFLICT', `There is an alert rule called ${name} already.`, { field: 'rule_name', value: name });
}

async function lock(tx: ReadTx, actor: TenantRef, id: number): Promise<RuleRow> {
  const row = await tx.row<RuleRow>(
    `SELECT ${RULE_COLUMNS} FROM flotilla.alert_rules r WHERE r.tenant_id = $1 AND r.id = $2 FOR UPDATE`,
    [actor.tenantId, id],
  );
  if (!row) throw notFound('alert rule', id);
  return row;
}

const NAMES = RULE_FIELDS.join(', ');
const PLACES = RULE_FIELDS.map((_, i) => `$${i + 2}`).join(', ');
const INSERT = `
  INSERT INTO flotilla.alert_rules (tenant_id, ${NAMES}, created_by)
  VALUES ($1, ${PLACES}, $${RULE_FIELDS.length + 2}) RETURNING id`;
const UPDATE = `
  UPDATE flotilla.alert_rules SET (${NAMES}, updated_at) = (${PLACES}, clock_timestamp())
   WHERE tenant_id = $1 AND id = $${RULE_FIELDS.length + 2}`;
