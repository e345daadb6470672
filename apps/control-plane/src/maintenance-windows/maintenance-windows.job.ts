import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { windowAt } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { SystemTx } from '@flotilla/persistence';
import { EventLog } from '../events/index.js';
import type { NewEvent } from '../events/index.js';
import { Jobs, Log } from '../platform/index.js';
import { timesOf, WINDOW_COLUMNS } from './maintenance-windows.js';
import type { WindowRow } from './maintenance-windows.js';

const LOOK_MS = 5_000;

interface Row extends WindowRow, Record<string, unknown> {
  readonly tenant_id: string;
  readonly open_since: Date | null;
  readonly open_until: Date | null;
}

/** Tells when windows open and close. What they keep back does not wait for it: that is reckoned at the moment. */
@Injectable()
export class MaintenanceWindowsJob implements OnModuleInit {
  private readonly log: Log;

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    log: Log,
  ) {
    this.log = log.child('maintenance-windows');
  }

  onModuleInit(): void {
    this.jobs.every({ name: 'maintenance-windows.tell', everyMs: LOOK_MS, exclusive: true, run: () => this.tell() });
  }

  private async tell(): Promise<void> {
    const nowMs = Date.now();
    const rows = await this.db.system((tx) => tx.rows<Row>(CANDIDATES));
    for (const row of rows) {
      try {
        await this.db.system((tx) => tellOne(tx, row, nowMs));
      } catch (error) {
        this.log.warn(
          { err: error, tenantId: row.tenant_id, id: row.id },
          'a maintenance window could not be looked at',
        );
      }
    }
  }
}

async function tellOne(tx: SystemTx, row: Row, nowMs: number): Promise<void> {
  const opening = windowAt(timesOf(row), nowMs);
  const since = opening && new Date(opening.startMs);
  const until = opening && new Date(opening.endMs);
  const same = since?.getTime() === row.open_since?.getTime();
  if (same && until?.getTime() === row.open_until?.getTime()) return;
  const saved = await tx.row(
    `UPDATE flotilla.maintenance_windows SET open_since = $3, open_until = $4
      WHERE tenant_id = $1 AND id = $2 AND open_since IS NOT DISTINCT FROM $5 RETURNING id`,
    [row.tenant_id, row.id, since, until, row.open_since],
  );
  if (!saved || same) return;
  const events: NewEvent[] = [];
  if (row.open_since) {
    const endedAt = new Date(Math.min(row.open_until!.getTime(), nowMs));
    events.push(maintenanceEvent(row.tenant_id, 'maintenance.ended', row, row.open_since, endedAt));
  }
  if (since) events.push(maintenanceEvent(row.tenant_id, 'maintenance.started', row, since, until!));
  await EventLog.addAll(tx, events);
}

/** @param until when the opening ends, or ended */
export function maintenanceEvent(
  tenantId: string,
  type: 'maintenance.started' | 'maintenance.ended',
  row: Pick<WindowRow, 'id' | 'name' | 'suppress_alerts' | 'suppress_enforcement'>,
  since: Date,
  until: Date,
): NewEvent<typeof type> {
  return {
    tenantId,
    type,
    subjectType: 'maintenance_window',
    subjectId: row.id,
    data: {
      window_id: row.id,
      name: row.name,
      starts_at: since.toISOString(),
      ends_at: until.toISOString(),
      suppress_alerts: row.suppress_alerts,
      suppress_enforcement: row.suppress_enforcement,
    },
    simulated: false,
  };
}

const CANDIDATES = `
  SELECT w.tenant_id, ${WINDOW_COLUMNS}, w.open_since, w.open_until
    FROM flotilla.maintenance_windows w JOIN flotilla.tenants t ON t.tenant_id = w.tenant_id AND t.status = 'active'
   WHERE w.open_since IS NOT NULL OR (w.start_time <= now() AND (w.recurrence IS NOT NULL OR w.end_time > now()))
   ORDER BY w.tenant_id, w.id`;
