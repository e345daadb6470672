import { Injectable } from '@nestjs/common';
import type {
  MaintenanceOpenings,
  MaintenanceOpeningsQuery,
  MaintenanceWindow,
  MaintenanceWindowQuery,
} from '@flotilla/contracts';
import { nextOpenings, openingsBetween, windowAt } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { AppError, decodeCursor, encodeCursor, notFound, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';
import { shownOpening, timesOf, WINDOW_COLUMNS } from './maintenance-windows.js';
import type { WindowRow } from './maintenance-windows.js';

type Wire = z.input<typeof MaintenanceWindow>;
interface Row extends WindowRow, Record<string, unknown> {
  readonly created_by: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const SCOPE = 'maintenance-windows:id';
const NEXT_SHOWN = 5;
const DAY_MS = 86_400_000;
const MOST_DAYS = 100;
/** Openings of one window in a calendar: one an hour for three weeks. */
const MOST_OF_ONE = 500;
const SELECT = `SELECT ${WINDOW_COLUMNS}, w.created_by, w.created_at, w.updated_at FROM flotilla.maintenance_windows w`;

@Injectable()
export class MaintenanceWindowsQueries {
  constructor(private readonly db: Db) {}

  async list(actor: TenantRef, query: MaintenanceWindowQuery): Promise<Page<Wire>> {
    const { offset, limit } = pageWindow(query);
    const [after] = query.cursor === undefined ? [null] : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.int()]));
    const [counted, rows] = await this.db.read(actor, async (tx) => [
      await tx.row<{ total: number }>(
        'SELECT count(*) AS total FROM flotilla.maintenance_windows w WHERE w.tenant_id = $1',
        [actor.tenantId],
      ),
      await tx.rows<Row>(
        `${SELECT} WHERE w.tenant_id = $1 AND ($2::bigint IS NULL OR w.id > $2) ORDER BY w.id LIMIT $3 OFFSET $4`,
        [actor.tenantId, after, limit + 1, offset],
      ),
    ]);
    const page = pageOf(rows, query, counted!.total, (last) => encodeCursor(actor, SCOPE, [last.id]));
    return { ...page, items: page.items.map((row) => wireOf(row, Date.now())) };
  }

  /** Those that are open now. */
  async active(actor: TenantRef): Promise<Wire[]> {
    const rows = await this.db.read(actor, (tx) =>
      tx.rows<Row>(
        `${SELECT} WHERE w.tenant_id = $1 AND w.start_time <= now() AND (w.recurrence IS NOT NULL OR w.end_time > now()) ORDER BY w.id`,
        [actor.tenantId],
      ),
    );
    return rows.map((row) => wireOf(row, Date.now())).filter((one) => one.active);
  }

  /** When windows are open in a span. @throws AppError VALIDATION_ERROR */
  async openings(
    actor: TenantRef,
    { from, to }: MaintenanceOpeningsQuery,
  ): Promise<z.input<typeof MaintenanceOpenings>> {
    const spanMs = to.getTime() - from.getTime();
    if (spanMs <= 0 || spanMs > MOST_DAYS * DAY_MS) {
      const message = `Openings are worked out for a span of at most ${MOST_DAYS} days that ends after it begins.`;
      throw new AppError('VALIDATION_ERROR', message, { field: 'to', value: to, expected: 'a moment soon after from' });
    }
    const rows = await this.db.read(actor, (tx) =>
      tx.rows<Row>(
        `${SELECT} WHERE w.tenant_id = $1 AND w.start_time < $3 AND (w.recurrence IS NOT NULL OR w.end_time > $2) ORDER BY w.id`,
        [actor.tenantId, from, to],
      ),
    );
    let truncated = false;
    const openings = rows.flatMap((row) => {
      const all = openingsBetween(timesOf(row), from.getTime(), to.getTime(), MOST_OF_ONE + 1);
      truncated ||= all.length > MOST_OF_ONE;
      return all.slice(0, MOST_OF_ONE).map((one) => ({ window_id: row.id, ...shownOpening(one) }));
    });
    openings.sort((a, b) => a.starts_at.getTime() - b.starts_at.getTime() || a.window_id - b.window_id);
    return { openings, truncated };
  }

  /** @throws AppError NOT_FOUND */
  async get(actor: TenantRef, id: number): Promise<Wire> {
    const row = await this.db.read(actor, (tx) =>
      tx.row<Row>(`${SELECT} WHERE w.tenant_id = $1 AND w.id = $2`, [actor.tenantId, id]),
    );
    if (!row) throw notFound('maintenance window', id);
    return wireOf(row, Date.now());
  }
}

function wireOf(row: Row, nowMs: number): Wire {
  const times = timesOf(row);
  const current = windowAt(times, nowMs);
  const next = nextOpenings(times, nowMs, NEXT_SHOWN + 1).filter((one) => one.startMs > nowMs);
  return {
    ...row,
    active: current !== null,
    current: current && shownOpening(current),
    next: next.slice(0, NEXT_SHOWN).map(shownOpening),
  } as Wire;
}
