import { PROTECTION_TAGS_DEFAULT } from '@flotilla/domain';
import type { TagPattern } from '@flotilla/domain';
import type { ReadTx, TenantRef, WriteTx } from '@flotilla/persistence';

export interface EnforcementSettings {
  readonly protectionTags: readonly TagPattern[];
  readonly idleBelowPercent: number;
  /** The database's clock. */
  readonly now: Date;
}

/** Where the tenant's people are. */
export async function timezoneOf(tx: ReadTx, tenant: TenantRef): Promise<string> {
  const row = await tx.row<{ timezone: string }>('SELECT t.timezone FROM flotilla.tenants t WHERE t.tenant_id = $1', [
    tenant.tenantId,
  ]);
  return row!.timezone;
}

/** What a tenant wants of all its policies. */
export const enforcementSettings = {
  async read(tx: ReadTx, tenant: TenantRef): Promise<EnforcementSettings> {
    const row = await tx.row<{ protection_tags: TagPattern[] | null; idle_below_percent: number; now: Date }>(
      `SELECT s.protection_tags, t.idle_below_percent, clock_timestamp() AS now
         FROM flotilla.tenants t LEFT JOIN flotilla.enforcement_settings s ON s.tenant_id = t.tenant_id
        WHERE t.tenant_id = $1`,
      [tenant.tenantId],
    );
    return {
      protectionTags: row!.protection_tags ?? PROTECTION_TAGS_DEFAULT,
      idleBelowPercent: row!.idle_below_percent,
      now: row!.now,
    };
  },

  async keep(tx: WriteTx, tenant: TenantRef, protectionTags: readonly TagPattern[]): Promise<void> {
    await tx.rows(
      `INSERT INTO flotilla.enforcement_settings (tenant_id, protection_tags) VALUES ($1, $2)
       ON CONFLICT (tenant_id) DO UPDATE SET protection_tags = excluded.protection_tags, updated_at = now()`,
      [tenant.tenantId, JSON.stringify(protectionTags)],
    );
  },
};
