import { Injectable } from '@nestjs/common';
import type { CreateBudgetBody, UpdateBudgetBody } from '@flotilla/contracts';
import { aiProvider, SELF_HOSTED } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { AlertDesk } from '../alerts/index.js';
import { resolveInstance } from '../instance-refs/index.js';
import { AppError, notFound } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { checkBudgets } from './budgets.alerts.js';
import { BUDGET_COLUMNS, shownValue } from './budgets.figures.js';
import type { BudgetRow } from './budgets.figures.js';

type Wanted = Omit<CreateBudgetBody, 'currency'> & { readonly currency?: string | undefined };

/** Budgets: made, changed and checked. */
@Injectable()
export class BudgetsService {
  constructor(
    private readonly db: Db,
    private readonly desk: AlertDesk,
  ) {}

  /** @throws AppError VALIDATION_ERROR; CONFLICT for a name that is taken; NOT_FOUND for an instance that is not there */
  async create(actor: RequestActor, body: CreateBudgetBody): Promise<number> {
    return this.db.write(actor, async (tx) => {
      const values = await valuesOf(tx, actor, body);
      await assertFree(tx, actor, body.name, null);
      const row = await tx.row<{ id: number }>(INSERT, [actor.tenantId, ...values, actor.label]);
      await tx.record('budget.created', { type: 'budget', id: row!.id }, { ...body });
      return row!.id;
    });
  }

  /** @throws AppError as `create`; NOT_FOUND */
  async update(actor: RequestActor, id: number, body: UpdateBudgetBody): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const row = await lock(tx, actor, id);
      const { amount, ...stored } = row;
      const before: Wanted = { ...stored, amount: Number(amount), scope_value: shownValue(row) };
      const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      const values = await valuesOf(tx, actor, { ...before, ...given });
      // the stored amount keeps the digits that it has
      if (body.amount === undefined) values[4] = amount;
      if (body.name !== undefined) await assertFree(tx, actor, body.name, id);
      await tx.rows(UPDATE, [actor.tenantId, ...values, id]);
      await tx.record('budget.changed', { type: 'budget', id }, given);
    });
  }

  /** Its alerts stay. @throws AppError NOT_FOUND */
  async remove(actor: RequestActor, id: number): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const row = await lock(tx, actor, id);
      await tx.rows('DELETE FROM flotilla.budgets WHERE tenant_id = $1 AND id = $2', [actor.tenantId, id]);
      await tx.record('budget.deleted', { type: 'budget', id }, { name: row.name });
    });
  }

  check(actor: RequestActor) {
    return this.db.write(actor, (tx) => checkBudgets(tx, this.desk, actor.tenantId, new Date()));
  }
}

const refuse = (field: string, value: unknown, message: string, expected: string) =>
  new AppError('VALIDATION_ERROR', message, { field, value, expected });

/** The columns of a budget in the order of the statements below. */
async function valuesOf(tx: ReadTx, actor: TenantRef, body: Wanted): Promise<unknown[]> {
  const [key, value] = await scopeOf(tx, actor, body);
  const currency = await currencyOf(tx, actor, body.currency);
  assertDays(body);
  const thresholds = JSON.stringify(body.thresholds);
  const { name, scope, amount, cost_type, period, anchor, starts_on, ends_on, enabled } = body;
  return [
    name,
    scope,
    key,
    value,
    amount,
    currency,
    cost_type,
    period,
    anchor,
    starts_on,
    ends_on,
    thresholds,
    enabled,
  ];
}

async function scopeOf(tx: ReadTx, actor: TenantRef, body: Wanted): Promise<[string | null, string | null]> {
  const { scope, scope_value: value } = body;
  if (scope === 'all') {
    if (value === null) return [null, null];
    throw refuse('scope_value', value, 'A budget over all cost has no scope_value.', 'null, or another scope');
  }
  if (value === null) {
    throw refuse('scope_value', value, `A budget of the scope ${scope} needs to know which one.`, `a ${scope}`);
  }
  if (scope === 'team') return ['team', value];
  if (scope === 'instance') return [null, String(await resolveInstance(tx, actor, value))];
  if (scope === 'model') {
    const [, provider, model] = /^([^/]{1,64})\/(.{1,256})$/s.exec(value) ?? [];
    if (provider === undefined || model === undefined) {
      throw refuse('scope_value', value, 'A model is given as provider/model.', 'openai/gpt-4o, or openai/gpt-4o*');
    }
    if (aiProvider(provider) === SELF_HOSTED) {
      throw refuse(
        'scope_value',
        value,
        'A model on own machines costs what they cost: use the scope instance, team or tag.',
        'a provider that charges for tokens',
      );
    }
    return [null, `${aiProvider(provider)}/${model}`];
  }
  if (scope !== 'tag') return [null, value];
  const [, key, of] = /^([^=]{1,128})=(.{1,256})$/s.exec(value) ?? [];
  if (key === undefined || of === undefined) {
    throw refuse('scope_value', value, 'A tag is given as key=value, both not empty.', 'key=value');
  }
  return [key, of];
}

/** @throws AppError VALIDATION_ERROR for a currency that cannot be compared with the tenant's */
async function currencyOf(tx: ReadTx, actor: TenantRef, wanted: string | undefined): Promise<string> {
  const row = await tx.row<{ currency: string; rate: string | null }>(
    `SELECT t.currency, flotilla.currency_rate(t.tenant_id, coalesce($2::char(3), t.currency), t.currency, current_date)::text AS rate
       FROM flotilla.tenants t WHERE t.tenant_id = $1`,
    [actor.tenantId, wanted ?? null],
  );
  if (row!.rate === null) {
    throw refuse(
      'currency',
      wanted,
      `There is no rate of ${wanted} into ${row!.currency}, the currency of this tenant. Give one at /currency-rates first.`,
      `${row!.currency}, or a currency with a rate`,
    );
  }
  return wanted ?? row!.currency;
}

function assertDays({ period, anchor, starts_on: from, ends_on: to }: Wanted): void {
  if (from !== null && to !== null && to < from) {
    throw refuse('ends_on', to, 'The budget ends before it begins.', `a day from ${from} on`);
  }
  if (period === 'custom' && (from === null || to === null)) {
    throw refuse(
      from === null ? 'starts_on' : 'ends_on',
      null,
      'A custom period needs its first and last day.',
      'a day',
    );
  }
  if (period === 'custom' && Date.parse(to!) - Date.parse(from!) > 1_830 * 86_400_000) {
    throw refuse('ends_on', to, 'A custom period is at most five years long.', 'a day within five years of starts_on');
  }
  if (anchor === 'start' && from === null) {
    throw refuse(
      'starts_on',
      null,
      'Periods that begin on the day of starts_on need one.',
      'a day, or anchor calendar',
    );
  }
}

async function assertFree(tx: ReadTx, actor: TenantRef, name: string, except: number | null): Promise<void> {
  const taken = await tx.row(
    'SELECT b.id FROM flotilla.budgets b WHERE b.tenant_id = $1 AND b.name = $2 AND b.id IS DISTINCT FROM $3::bigint',
    [actor.tenantId, name, except],
  );
  if (taken)
    throw new AppError('CONFLICT', `There is a budget called ${name} already.`, { field: 'name', value: name });
}

async function lock(tx: ReadTx, actor: TenantRef, id: number): Promise<BudgetRow> {
  const row = await tx.row<BudgetRow>(
    `SELECT ${BUDGET_COLUMNS} FROM flotilla.budgets b WHERE b.tenant_id = $1 AND b.id = $2 FOR UPDATE`,
    [actor.tenantId, id],
  );
  if (!row) throw notFound('budget', String(id));
  return row;
}

const COLUMNS = `name, scope, scope_key, scope_value, amount, currency, cost_type, period, anchor, starts_on, ends_on, thresholds, enabled`;
const INSERT = `
  INSERT INTO flotilla.budgets (tenant_id, ${COLUMNS}, created_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING id`;
const UPDATE = `
  UPDATE flotilla.budgets SET (${COLUMNS}, updated_at) = ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, now())
   WHERE tenant_id = $1 AND id = $15`;
