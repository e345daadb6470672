import { Injectable } from '@nestjs/common';
import type { CreateMaintenanceWindowBody, MaintenancePreview, UpdateMaintenanceWindowBody } from '@flotilla/contracts';
import { isTimeZone, nextOpenings, readRecurrence, RecurrenceError } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { ReadTx, TenantRef, WriteTx } from '@flotilla/persistence';
import type { z } from 'zod';
import { EventLog } from '../events/index.js';
import { resolveInstance } from '../instance-refs/index.js';
import { AppError, notFound } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { maintenanceEvent } from './maintenance-windows.job.js';
import { shownOpening, WINDOW_COLUMNS } from './maintenance-windows.js';
import type { StoredScope, WindowRow } from './maintenance-windows.js';

type Wanted = Required<Omit<CreateMaintenanceWindowBody, 'timezone'>> & { readonly timezone: string };
interface LockedRow extends WindowRow, Record<string, unknown> {
  readonly open_since: Date | null;
  readonly open_until: Date | null;
}

const DAY_MS = 86_400_000;
const PREVIEWED = 8;
const MOST_DAYS = 366;
const MOST_DAYS_RECURRING = 31;

/** Maintenance windows: made, changed, deleted. */
@Injectable()
export class MaintenanceWindowsService {
  constructor(private readonly db: Db) {}

  /** @throws AppError VALIDATION_ERROR; NOT_FOUND for an instance that is not there */
  async create(actor: RequestActor, body: CreateMaintenanceWindowBody): Promise<number> {
    return this.db.write(actor, async (tx) => {
      const values = await valuesOf(tx, actor, { ...body, timezone: body.timezone ?? (await timezoneOf(tx, actor)) });
      const row = await tx.row<{ id: number }>(
        `INSERT INTO flotilla.maintenance_windows
           (tenant_id, name, start_time, end_time, recurrence, timezone, scope, suppress_alerts, suppress_enforcement, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`,
        [actor.tenantId, ...values, actor.label],
      );
      await tx.record('maintenance_window.created', { type: 'maintenance_window', id: row!.id }, { ...body });
      return row!.id;
    });
  }

  /** When it would open, of what `create` would take. @throws AppError as `create` */
  async preview(actor: TenantRef, body: CreateMaintenanceWindowBody): Promise<z.input<typeof MaintenancePreview>> {
    return this.db.read(actor, async (tx) => {
      const wanted = { ...body, timezone: body.timezone ?? (await timezoneOf(tx, actor)) };
      await valuesOf(tx, actor, wanted);
      const openings = nextOpenings(timesWanted(wanted), Date.now(), PREVIEWED);
      return { timezone: wanted.timezone, openings: openings.map(shownOpening) };
    });
  }

  /** Fields that are left out stay. @throws AppError as `create`; NOT_FOUND */
  async update(actor: RequestActor, id: number, body: UpdateMaintenanceWindowBody): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const row = await lock(tx, actor, id);
      const before = {
        ...row,
        start_time: row.start_time.toISOString(),
        end_time: row.end_time.toISOString(),
      } as unknown as Wanted;
      const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      const values = await valuesOf(tx, actor, { ...before, ...given });
      await tx.rows(
        `UPDATE flotilla.maintenance_windows SET name = $2, start_time = $3, end_time = $4, recurrence = $5, timezone = $6, scope = $7,
                suppress_alerts = $8, suppress_enforcement = $9, updated_at = now() WHERE tenant_id = $1 AND id = $10`,
        [actor.tenantId, ...values, id],
      );
      await tx.record('maintenance_window.changed', { type: 'maintenance_window', id }, given);
    });
  }

  /** @throws AppError NOT_FOUND */
  async remove(actor: RequestActor, id: number): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const row = await lock(tx, actor, id);
      await tx.rows('DELETE FROM flotilla.maintenance_windows WHERE tenant_id = $1 AND id = $2', [actor.tenantId, id]);
      if (row.open_since) {
        await EventLog.add(tx, maintenanceEvent(actor.tenantId, 'maintenance.ended', row, row.open_since, new Date()));
      }
      await tx.record('maintenance_window.deleted', { type: 'maintenance_window', id }, { name: row.name });
    });
  }
}

async function lock(tx: WriteTx, actor: TenantRef, id: number): Promise<LockedRow> {
  const row = await tx.row<LockedRow>(
    `SELECT ${WINDOW_COLUMNS}, w.open_since, w.open_until FROM flotilla.maintenance_windows w
      WHERE w.tenant_id = $1 AND w.id = $2 FOR UPDATE`,
    [actor.tenantId, id],
  );
  if (!row) throw notFound('maintenance window', id);
  return row;
}

async function timezoneOf(tx: ReadTx, actor: TenantRef): Promise<string> {
  const row = await tx.row<{ timezone: string }>('SELECT t.timezone FROM flotilla.tenants t WHERE t.tenant_id = $1', [
    actor.tenantId,
  ]);
  return row!.timezone;
}

const refuse = (field: string, value: unknown, message: string, expected: string) =>
  new AppError('VALIDATION_ERROR', message, { field, value, expected });

/** The columns of a window in the order of the statements above. */
async function valuesOf(tx: ReadTx, actor: TenantRef, wanted: Wanted): Promise<unknown[]> {
  assertTimes(wanted);
  const scope = JSON.stringify(await scopeOf(tx, actor, wanted.scope));
  const { name, start_time, end_time, recurrence, timezone, suppress_alerts, suppress_enforcement } = wanted;
  return [name, start_time, end_time, recurrence, timezone, scope, suppress_alerts, suppress_enforcement];
}

const timesWanted = (wanted: Pick<Wanted, 'start_time' | 'end_time' | 'recurrence' | 'timezone'>) => ({
  startMs: Date.parse(wanted.start_time),
  endMs: Date.parse(wanted.end_time),
  recurrence: wanted.recurrence,
  timeZone: wanted.timezone,
});

function assertTimes({ start_time, end_time, recurrence, timezone }: Wanted): void {
  if (!isTimeZone(timezone)) {
    throw refuse(
      'timezone',
      timezone,
      `${timezone} is no time zone.`,
      'a name of the IANA list, such as Europe/Berlin',
    );
  }
  const times = timesWanted({ start_time, end_time, recurrence, timezone });
  if (times.endMs <= times.startMs) {
    throw refuse('end_time', end_time, 'A window ends after it starts.', `a moment after ${start_time}`);
  }
  const most = recurrence === null ? MOST_DAYS : MOST_DAYS_RECURRING;
  if (times.endMs - times.startMs > most * DAY_MS) {
    throw refuse(
      'end_time',
      end_time,
      `A window is open for ${most} days at most.`,
      `at most ${most} days after start_time`,
    );
  }
  if (recurrence === null) return;
  try {
    readRecurrence(recurrence, times.startMs, timezone);
    if (nextOpenings(times, times.startMs, 1).length > 0) return;
  } catch (error) {
    if (error instanceof RecurrenceError) throw refuse('recurrence', error.part, error.message, error.expected);
    throw error;
  }
  throw refuse(
    'recurrence',
    recurrence,
    'The window would never open within ten years.',
    'a rule with dates that exist',
  );
}

async function scopeOf(tx: ReadTx, actor: TenantRef, scope: Wanted['scope']): Promise<StoredScope> {
  if (!('instance_ids' in scope)) return scope;
  const ids = new Set<number>();
  for (const id of scope.instance_ids) ids.add(await resolveInstance(tx, actor, String(id)));
  return { instance_ids: [...ids].sort((a, b) => a - b) };
}
