import { Injectable } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { DEFAULT_POLICY, POLICY_COLUMNS } from './policy.sql.js';
import type { PolicyRow } from './policy.sql.js';

/** What holds for all channels of a tenant. */
@Injectable()
export class NotificationPolicyQueries {
  constructor(private readonly db: Db) {}

  async get(actor: TenantRef): Promise<PolicyRow> {
    const row = await this.db.read(actor, (tx) =>
      tx.row<PolicyRow & Record<string, unknown>>(
        `SELECT ${POLICY_COLUMNS} FROM flotilla.notification_policies p WHERE p.tenant_id = $1`,
        [actor.tenantId],
      ),
    );
    return row ?? DEFAULT_POLICY;
  }
}
