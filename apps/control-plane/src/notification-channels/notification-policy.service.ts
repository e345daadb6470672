import { Injectable } from '@nestjs/common';
import type { UpdateNotificationPolicyBody } from '@flotilla/contracts';
import { isTimeZone } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import { AppError } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { NOTIFICATIONS_CHANNEL } from './notification-outbox.js';
import { DEFAULT_POLICY, POLICY_COLUMNS } from './policy.sql.js';
import type { PolicyRow } from './policy.sql.js';
import { assertTemplate } from './template-check.js';

/** What holds for all channels of a tenant, changed. */
@Injectable()
export class NotificationPolicyService {
  constructor(private readonly db: Db) {}

  /** @throws AppError VALIDATION_ERROR */
  async update(actor: RequestActor, body: UpdateNotificationPolicyBody): Promise<PolicyRow> {
    const zone = body.quiet_hours?.timezone;
    if (zone !== undefined && !isTimeZone(zone)) {
      throw new AppError('VALIDATION_ERROR', `quiet_hours.timezone: ${zone} is no time zone that is known here.`, {
        field: 'quiet_hours.timezone',
        value: zone,
        expected: 'an IANA name such as Europe/Berlin',
      });
    }
    assertTemplate(body.template);
    return this.db.write(actor, async (tx) => {
      const before = await tx.row<PolicyRow & Record<string, unknown>>(
        `SELECT ${POLICY_COLUMNS} FROM flotilla.notification_policies p WHERE p.tenant_id = $1 FOR UPDATE`,
        [actor.tenantId],
      );
      const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      const wanted = { ...(before ?? DEFAULT_POLICY), ...given } as PolicyRow;
      const row = await tx.row<PolicyRow & Record<string, unknown>>(PUT, [
        actor.tenantId,
        wanted.min_priority,
        wanted.quiet_hours === null ? null : JSON.stringify(wanted.quiet_hours),
        wanted.critical_passes_quiet_hours,
        wanted.digest_mode,
        wanted.digest_interval_minutes,
        wanted.template === null ? null : JSON.stringify(wanted.template),
        wanted.email_domains,
        wanted.notification_trigger_mode,
      ]);
      await tx.record('notification_policy.changed', { type: 'tenant', id: actor.tenantId }, given);
      await tx.notify(NOTIFICATIONS_CHANNEL, ''); // quiet hours may have ended by it
      return row!;
    });
  }
}

const PUT = `
  INSERT INTO flotilla.notification_policies AS p (tenant_id, min_priority, quiet_hours, critical_passes, digest_mode,
    digest_interval_minutes, template, email_domains, notification_trigger_mode)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (tenant_id) DO UPDATE SET (min_priority, quiet_hours, critical_passes, digest_mode, digest_interval_minutes, template,
    email_domains, notification_trigger_mode, updated_at) = (excluded.min_priority, excluded.quiet_hours, excluded.critical_passes,
    excluded.digest_mode, excluded.digest_interval_minutes, excluded.template, excluded.email_domains,
    excluded.notification_trigger_mode, now())
  RETURNING ${POLICY_COLUMNS}`;
