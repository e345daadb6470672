import { Injectable } from '@nestjs/common';
import { allocationRuleIssue } from '@flotilla/contracts';
import type { CreateCostAllocationRuleBody, UpdateCostAllocationRuleBody } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef, WriteTx } from '@flotilla/persistence';
import { AppError, assertUnchanged, notFound } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { RULE_COLUMNS } from './rules.sql.js';
import type { RuleRow } from './rules.sql.js';

/** Each rule of a key is looked at for every charge of a showback. */
const MOST_RULES_OF_A_KEY = 100;
/** Room between priorities that were not chosen. */
const STEP = 10;

type Wanted = Omit<RuleRow, 'id' | 'created_by' | 'created_at' | 'updated_at'>;

/** Rules by which cost is split: made, changed and deleted. */
@Injectable()
export class CostAllocationRulesService {
  constructor(private readonly db: Db) {}

  /** @throws AppError VALIDATION_ERROR; CONFLICT for a taken name or priority */
  async create(actor: RequestActor, body: CreateCostAllocationRuleBody): Promise<RuleRow> {
    return this.db.write(actor, async (tx) => {
      await oneAtATime(tx, actor);
      const wanted: Wanted = {
        ...body,
        usage_basis: body.usage_basis ?? (body.method === 'by_usage' ? 'cost' : null),
        priority: body.priority ?? (await nextPriority(tx, actor, body.key)),
      };
      await assertFits(tx, actor, wanted, null);
      const row = await tx.row<RuleRow>(INSERT, [actor.tenantId, ...valuesOf(wanted), wanted.key, actor.label]);
      await tx.record('cost_allocation_rule.created', { type: 'cost_allocation_rule', id: row!.id }, { ...wanted });
      return row!;
    });
  }

  /** @throws AppError as `create`; NOT_FOUND */
  async update(
    actor: RequestActor,
    id: number,
    { if_updated_at: asRead, ...body }: UpdateCostAllocationRuleBody,
  ): Promise<RuleRow> {
    return this.db.write(actor, async (tx) => {
      await oneAtATime(tx, actor);
      const before = await lock(tx, actor, id);
      assertUnchanged('allocation rule', 'if_updated_at', asRead, before.updated_at);
      const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      // another method has another basis: the old one goes with the old method unless a new one is given
      const basis = body.method === undefined ? {} : { usage_basis: body.method === 'by_usage' ? 'cost' : null };
      const wanted = { ...before, ...basis, ...given } as RuleRow;
      await assertFits(tx, actor, wanted, id);
      const row = await tx.row<RuleRow>(UPDATE, [actor.tenantId, ...valuesOf(wanted), id]);
      await tx.record('cost_allocation_rule.changed', { type: 'cost_allocation_rule', id }, given);
      return row!;
    });
  }

  /** @throws AppError NOT_FOUND */
  async remove(actor: RequestActor, id: number): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const { name, key } = await lock(tx, actor, id);
      await tx.rows('DELETE FROM flotilla.cost_allocation_rules WHERE tenant_id = $1 AND id = $2', [
        actor.tenantId,
        id,
      ]);
      await tx.record('cost_allocation_rule.deleted', { type: 'cost_allocation_rule', id }, { name, key });
    });
  }
}

/** Priorities are compared with those of other rules, which must not change meanwhile. */
const oneAtATime = (tx: WriteTx, actor: TenantRef) =>
  tx.rows(`SELECT pg_advisory_xact_lock(hashtextextended('cost_allocation_rules ' || $1, 0))`, [actor.tenantId]);

async function nextPriority(tx: WriteTx, actor: TenantRef, key: string): Promise<number> {
  const row = await tx.row<{ last: number }>(
    'SELECT coalesce(max(r.priority), 0) AS last FROM flotilla.cost_allocation_rules r WHERE r.tenant_id = $1 AND r.key = $2',
    [actor.tenantId, key],
  );
  return row!.last + STEP;
}

/** @throws AppError VALIDATION_ERROR for a rule that contradicts itself, CONFLICT for one that contradicts another */
async function assertFits(tx: WriteTx, actor: TenantRef, wanted: Wanted, except: number | null): Promise<void> {
  const issue = allocationRuleIssue(wanted as Parameters<typeof allocationRuleIssue>[0]);
  if (issue) throw new AppError('VALIDATION_ERROR', `${issue.field} does not fit: expected ${issue.expected}.`, issue);
  const others = await tx.rows<RuleRow>(
    `SELECT ${RULE_COLUMNS} FROM flotilla.cost_allocation_rules r
      WHERE r.tenant_id = $1 AND (r.key = $2 OR r.name = $3) AND r.id IS DISTINCT FROM $4::bigint`,
    [actor.tenantId, wanted.key, wanted.name, except],
  );
  const named = others.find((rule) => rule.name === wanted.name);
  if (named) {
    throw new AppError('CONFLICT', `There is an allocation rule called ${wanted.name} already.`, {
      field: 'name',
      value: wanted.name,
    });
  }
  const same = others.find((rule) => rule.priority === wanted.priority && overlap(rule, wanted));
  if (same) {
    throw new AppError(
      'CONFLICT',
      `The rule ${same.name} splits cost over ${wanted.key} on the same days with the same priority, so that nobody could say which one takes a charge. Give this one another priority, or other days.`,
      {
        field: 'priority',
        value: wanted.priority,
        expected: 'a priority that no other rule of the key has on these days',
      },
    );
  }
  if (except === null && others.length >= MOST_RULES_OF_A_KEY) {
    throw new AppError(
      'CONFLICT',
      `There are ${MOST_RULES_OF_A_KEY} rules for ${wanted.key} already, the most there can be.`,
      {
        field: 'key',
        value: wanted.key,
      },
    );
  }
}

const overlap = (a: Wanted, b: Wanted) =>
  (a.valid_from ?? '') <= (b.valid_to ?? '9999-12-31') && (b.valid_from ?? '') <= (a.valid_to ?? '9999-12-31');

async function lock(tx: WriteTx, actor: TenantRef, id: number): Promise<RuleRow> {
  const row = await tx.row<RuleRow>(
    `SELECT ${RULE_COLUMNS} FROM flotilla.cost_allocation_rules r WHERE r.tenant_id = $1 AND r.id = $2 FOR UPDATE`,
    [actor.tenantId, id],
  );
  if (!row) throw notFound('allocation rule', id);
  return row;
}

/** In the order of COLUMNS. */
function valuesOf(rule: Wanted): unknown[] {
  const colon = rule.tag?.indexOf(':') ?? 0;
  return [
    rule.name,
    rule.service,
    rule.provider,
    rule.account,
    rule.tag?.slice(0, colon) ?? null,
    rule.tag?.slice(colon + 1) ?? null,
    rule.only_untagged,
    rule.method,
    rule.usage_basis,
    rule.targets === null ? null : JSON.stringify(rule.targets),
    rule.priority,
    rule.valid_from,
    rule.valid_to,
  ];
}

const COLUMNS = `name, service, provider, account, tag_key, tag_value, only_untagged, method, usage_basis, targets, priority, valid_from, valid_to`;
const INSERT = `
  INSERT INTO flotilla.cost_allocation_rules AS r (tenant_id, ${COLUMNS}, key, created_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING ${RULE_COLUMNS}`;
const UPDATE = `
  UPDATE flotilla.cost_allocation_rules AS r
     SET (${COLUMNS}, updated_at) = ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, now())
   WHERE r.tenant_id = $1 AND r.id = $15 RETURNING ${RULE_COLUMNS}`;
