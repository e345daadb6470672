import { covers, windowAt } from '@flotilla/domain';
import type { MaintenanceScope, MaintenanceSubject, Opening } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';

/** A maintenance window that is open at a moment. */
export interface OpenWindow {
  readonly id: number;
  readonly name: string;
  readonly scope: MaintenanceScope;
  readonly suppressAlerts: boolean;
  readonly suppressEnforcement: boolean;
  /** This opening; `endsAt` is the first moment after it. */
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** The columns of a window that say when it is open. */
export interface WindowRow {
  readonly id: number;
  readonly name: string;
  readonly start_time: Date;
  readonly end_time: Date;
  readonly recurrence: string | null;
  readonly timezone: string;
  readonly scope: StoredScope;
  readonly suppress_alerts: boolean;
  readonly suppress_enforcement: boolean;
}

export type StoredScope =
  | { readonly all: true }
  | { readonly tags: Readonly<Record<string, string>> }
  | { readonly instance_ids: readonly number[] };

export const WINDOW_COLUMNS = `w.id, w.name, w.start_time, w.end_time, w.recurrence, w.timezone, w.scope, w.suppress_alerts, w.suppress_enforcement`;

/** Which maintenance windows are open: asked by alerts and by enforcement before they tell or act. */
export class MaintenanceWindows {
  /** The windows of a tenant that are open at a moment, those that end last first. */
  static async active(tx: ReadTx, tenantId: string, atMs: number): Promise<OpenWindow[]> {
    const rows = await tx.rows<WindowRow & Record<string, unknown>>(MAYBE_OPEN, [tenantId, new Date(atMs)]);
    return rows
      .flatMap((row) => openAt(row, atMs) ?? [])
      .sort((a, b) => b.endsAt.getTime() - a.endsAt.getTime() || a.id - b.id);
  }

  /**
   * The window that keeps alerts (or enforcement) about an instance back, of those that `active` gave.
   *
   * @param instance null: something that belongs to no instance
   */
  static suppressing(
    windows: readonly OpenWindow[],
    what: 'alerts' | 'enforcement',
    instance: MaintenanceSubject | null,
  ): OpenWindow | null {
    const suppresses = (one: OpenWindow) => (what === 'alerts' ? one.suppressAlerts : one.suppressEnforcement);
    return windows.find((one) => suppresses(one) && covers(one.scope, instance)) ?? null;
  }

  /** The window that an instance is in, of those that `active` gave: the one that ends last. */
  static over(windows: readonly OpenWindow[], instance: MaintenanceSubject): OpenWindow | null {
    return windows.find((one) => covers(one.scope, instance)) ?? null;
  }
}

/** An opening as it goes over the wire. */
export const shownOpening = ({ startMs, endMs }: Opening) => ({
  starts_at: new Date(startMs),
  ends_at: new Date(endMs),
});

/** A row as the domain knows it. */
export function timesOf(row: WindowRow) {
  return {
    startMs: row.start_time.getTime(),
    endMs: row.end_time.getTime(),
    recurrence: row.recurrence,
    timeZone: row.timezone,
  };
}

export function openAt(row: WindowRow, atMs: number): OpenWindow | null {
  const opening = windowAt(timesOf(row), atMs);
  return (
    opening && {
      id: row.id,
      name: row.name,
      scope: 'instance_ids' in row.scope ? { instanceIds: row.scope.instance_ids } : row.scope,
      suppressAlerts: row.suppress_alerts,
      suppressEnforcement: row.suppress_enforcement,
      startsAt: new Date(opening.startMs),
      endsAt: new Date(opening.endMs),
    }
  );
}

const MAYBE_OPEN = `
  SELECT ${WINDOW_COLUMNS} FROM flotilla.maintenance_windows w
   WHERE w.tenant_id = $1 AND w.start_time <= $2 AND (w.recurrence IS NOT NULL OR w.end_time > $2)`;
