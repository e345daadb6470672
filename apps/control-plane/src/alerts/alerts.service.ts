import { Injectable } from '@nestjs/common';
import type { BulkAlertsBody } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import { AppError, notFound } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { AlertDesk } from './alert-desk.js';
import { alertsStore } from './alerts.store.js';

export type AlertOperation = BulkAlertsBody['operation'];

/** What people do to alerts. */
@Injectable()
export class AlertsService {
  constructor(
    private readonly db: Db,
    private readonly desk: AlertDesk,
  ) {}

  /**
   * Acknowledges, resolves or ignores an alert. Safe to repeat: what is so already stays as it is.
   *
   * @throws AppError NOT_FOUND; CONFLICT for an alert that is resolved or ignored and shall become something else
   */
  async change(actor: RequestActor, id: number, operation: AlertOperation, comment: string | null): Promise<void> {
    const { changed, over, missing } = await this.changeAll(actor, [id], operation, comment);
    if (missing.length > 0) throw notFound('alert', id);
    const status = over.get(id);
    if (changed.length > 0 || status === undefined || status === RESULT[operation]) return;
    throw new AppError(
      'CONFLICT',
      `The alert is ${status}: it cannot be ${PAST[operation]} any more. If it fires again, a new one is opened.`,
      { field: 'id', value: id, status },
    );
  }

  /** The same for many, each for itself. */
  async bulk(actor: RequestActor, body: BulkAlertsBody) {
    const ids = [...new Set(body.alert_ids)];
    const { changed, missing } = await this.changeAll(actor, ids, body.operation, body.comment);
    const rest = new Set([...changed, ...missing]);
    return { changed, unchanged: ids.filter((id) => !rest.has(id)), not_found: missing };
  }

  private async changeAll(
    actor: RequestActor,
    ids: readonly number[],
    operation: AlertOperation,
    comment: string | null,
  ) {
    return this.db.write(actor, async (tx) => {
      const rows = await alertsStore.lock(tx, actor.tenantId, ids);
      const clock = await tx.row<{ now: Date }>('SELECT clock_timestamp() AS now');
      const event = { kind: operation, atMs: clock!.now.getTime() };
      const open = rows.filter(
        (row) => row.status === 'active' && (operation !== 'acknowledge' || row.acknowledged_at === null),
      );
      await this.desk.step(tx, actor.tenantId, open, () => event, { by: actor.label, comment });
      for (const row of open) {
        const details = { title: row.title, occurrences: row.occurrences, ...(comment !== null && { comment }) };
        await tx.record(`alert.${PAST[operation]}`, { type: 'alert', id: row.id }, details);
      }
      const known = new Set(rows.map((row) => row.id));
      return {
        changed: open.map((row) => row.id).sort((a, b) => a - b),
        over: new Map(rows.flatMap((row) => (row.status === 'active' ? [] : [[row.id, row.status] as const]))),
        missing: ids.filter((id) => !known.has(id)),
      };
    });
  }
}

const PAST = { acknowledge: 'acknowledged', resolve: 'resolved', ignore: 'ignored' } as const;
const RESULT = { acknowledge: 'active', resolve: 'resolved', ignore: 'ignored' } as const;
