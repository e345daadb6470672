import type { EscalationStep, Severity } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';
import type { RaisedAlert } from './raised-alert.js';

interface Setting extends Record<string, unknown> {
  readonly key: string;
  readonly enabled: boolean;
  readonly severity: Severity | null;
  readonly notification_channel_ids: number[] | null;
  readonly escalation: readonly { readonly after_minutes: number; readonly notification_channel_ids: number[] }[];
}

/** The alerts as the tenant wants those of built-in rules; null where it switched one off. */
export async function asTenantWants(
  tx: ReadTx,
  tenantId: string,
  alerts: readonly RaisedAlert[],
): Promise<(RaisedAlert | null)[]> {
  const keys = [...new Set(alerts.flatMap(({ builtIn }) => (builtIn === null ? [] : [builtIn])))];
  if (keys.length === 0) return [...alerts];
  const rows = await tx.rows<Setting>(
    `SELECT b.key, b.enabled, b.severity, to_jsonb(b.notification_channel_ids) AS notification_channel_ids, b.escalation
       FROM flotilla.built_in_rules b WHERE b.tenant_id = $1 AND b.key = ANY ($2::text[])`,
    [tenantId, keys],
  );
  const settings = new Map(rows.map((row) => [row.key, row]));
  return alerts.map((alert) => {
    const setting = alert.builtIn === null ? undefined : settings.get(alert.builtIn);
    if (!setting) return alert;
    if (!setting.enabled) return null;
    const escalation = setting.escalation.map((step): EscalationStep => ({
      afterMinutes: step.after_minutes,
      channelIds: step.notification_channel_ids,
    }));
    return {
      ...alert,
      severity: setting.severity ?? alert.severity,
      channelIds: setting.notification_channel_ids ?? alert.channelIds,
      escalation,
    };
  });
}
