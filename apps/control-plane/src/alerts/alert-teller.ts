import { Injectable } from '@nestjs/common';
import type { AlertEffect } from '@flotilla/domain';
import type { ReadTx, WriteTx } from '@flotilla/persistence';
import { EventLog } from '../events/index.js';
import type { NewEvent } from '../events/index.js';
import { MaintenanceWindows } from '../maintenance-windows/index.js';
import { NotificationOutbox } from '../notification-channels/index.js';
import type { Notice } from '../notification-channels/index.js';
import { groupNotice, noticeOf } from './alert-notices.js';
import type { AlertRow } from './alerts.store.js';

/** An alert and what the outside has to be told of it. */
export interface Telling {
  readonly row: AlertRow;
  readonly effect: AlertEffect;
  readonly at: Date;
  /** Who did it; null: the house itself. */
  readonly by: string | null;
}

/** Why the telling about something waits. */
export interface HeldBack {
  readonly untilMs: number;
  /** Shown on the alert. */
  readonly why: { readonly window_id: number; readonly window_name: string; readonly ends_at: string };
}

const EVENT_OF = {
  trigger: 'alert.triggered',
  acknowledge: 'alert.acknowledged',
  resolve: 'alert.resolved',
  escalate: 'alert.escalated',
} as const;

/** Tells the outside about alerts: within the transaction of the change, so that neither is lost without the other. */
@Injectable()
export class AlertTeller {
  constructor(private readonly outbox: NotificationOutbox) {}

  /** @returns the key under which each trigger was told, by alert: the same for those that were told of together */
  async tell(tx: WriteTx, tenantId: string, tellings: readonly Telling[]): Promise<Map<number, string>> {
    const keys = new Map<number, string>();
    const notices: Notice[] = [];
    const together = new Map<string, Telling[]>();
    for (const telling of tellings) {
      const group = groupOf(telling);
      const members = together.get(group);
      if (members) members.push(telling);
      else together.set(group, [telling]);
    }
    for (const [group, members] of together) {
      const [first] = members;
      if (first!.effect.kind === 'trigger') {
        const key = members.length > 1 ? group : `alert-${first!.row.id}`;
        for (const { row } of members) keys.set(row.id, key);
        notices.push(members.length > 1 ? groupNotice(tenantId, members, key) : noticeOf(tenantId, first!, key));
        continue;
      }
      const key = first!.row.notification_key ?? `alert-${first!.row.id}`;
      if (follows(first!.effect) && (await this.othersGoOn(tx, tenantId, key, members))) continue;
      notices.push(members.length > 1 ? groupNotice(tenantId, members, key) : noticeOf(tenantId, first!, key));
    }
    await this.outbox.addAll(tx, notices);
    await EventLog.addAll(
      tx,
      tellings.map((telling) => eventOf(tenantId, telling)),
    );
    return keys;
  }

  /** An alert that nobody is told of yet is still an event: webhooks and streams follow what is, not what is told. */
  async eventOnly(tx: WriteTx, tenantId: string, row: AlertRow, at: Date, held: HeldBack | null): Promise<void> {
    const event = eventOf(tenantId, { row, effect: { kind: 'trigger' }, at, by: null });
    await EventLog.add(tx, { ...event, data: { ...event.data, maintenance_window_id: held?.why.window_id ?? null } });
  }

  /** What holds the telling about subjects back at a moment. */
  async heldBack(
    tx: ReadTx,
    tenantId: string,
    at: Date,
    instanceIds: readonly (number | null)[],
  ): Promise<(instanceId: number | null) => HeldBack | null> {
    const windows = await MaintenanceWindows.active(tx, tenantId, at.getTime());
    if (!windows.some(({ suppressAlerts }) => suppressAlerts)) return () => null;
    const rows = await tx.rows<{ id: number; tags: Record<string, string> }>(
      'SELECT i.id, i.tags FROM flotilla.instances i WHERE i.tenant_id = $1 AND i.id = ANY ($2::bigint[])',
      [tenantId, [...new Set(instanceIds.filter((id) => id !== null))]],
    );
    const instances = new Map(rows.map((row) => [row.id, row]));
    return (instanceId) => {
      const instance = instanceId === null ? null : (instances.get(instanceId) ?? null);
      const window = MaintenanceWindows.suppressing(windows, 'alerts', instance);
      if (!window) return null;
      const why = { window_id: window.id, window_name: window.name, ends_at: window.endsAt.toISOString() };
      return { untilMs: window.endsAt.getTime(), why };
    };
  }

  /** Of several that were told of together, the outside hears of the last one that is over (or acknowledged). */
  private async othersGoOn(tx: ReadTx, tenantId: string, key: string, members: readonly Telling[]): Promise<boolean> {
    const state = members[0]!.effect.kind === 'acknowledge' ? 'AND a.acknowledged_at IS NULL' : '';
    const other = await tx.row<{ id: number }>(
      `SELECT a.id FROM flotilla.alerts a
        WHERE a.tenant_id = $1 AND a.notification_key = $2 AND a.announced AND a.status = 'active' AND a.ended_at IS NULL ${state}
          AND NOT a.id = ANY ($3::bigint[]) LIMIT 1`,
      [tenantId, key, members.map(({ row }) => row.id)],
    );
    return other !== undefined;
  }
}

const follows = (effect: AlertEffect) => effect.kind === 'acknowledge' || effect.kind === 'resolve';

/** Those of one rule that begin in one minute are told of together, and go on together. */
function groupOf({ row, effect, at }: Telling): string {
  const step = effect.kind === 'escalate' ? effect.step : '';
  if (effect.kind !== 'trigger') return `${effect.kind}${step} ${row.notification_key ?? row.id}`;
  const rule = row.rule_id ?? row.built_in;
  if (!row.group_notifications || rule === null) return `trigger ${row.id}`;
  return `rule-${rule}-${Math.floor(at.getTime() / 60_000)}`;
}

function eventOf(tenantId: string, { row, effect, at, by }: Telling): NewEvent<(typeof EVENT_OF)['trigger']> {
  return {
    tenantId,
    type: EVENT_OF[effect.kind] as 'alert.triggered',
    subjectType: 'alert',
    subjectId: row.id,
    at,
    simulated: row.simulated,
    data: {
      alert_id: row.id,
      alert_type: row.alert_type,
      rule_id: row.rule_id,
      severity: row.severity,
      title: row.title,
      message: row.message,
      subject: { type: row.subject_type, id: row.subject_id, label: row.subject_label },
      occurrences: row.occurrences,
      evidence: { ...row.evidence },
      actor: by,
      maintenance_window_id: null,
    },
  };
}
