import type { ReadTx, TenantRef } from '@flotilla/persistence';
import type { PolicyDefinition } from './policy-wire.js';

export interface PolicyRow extends Record<string, unknown> {
  readonly id: number;
  readonly version: number;
  readonly enabled: boolean;
  readonly start_minute: number;
  readonly definition: PolicyDefinition;
  readonly template_id: string | null;
  readonly created_by: string;
  readonly updated_by: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export const POLICY_COLUMNS = `p.id, p.version, p.enabled, p.start_minute, p.definition, p.template_id, p.created_by, p.updated_by,
  p.created_at, p.updated_at`;

/** The policies of a tenant that decide, by their numbers. */
export async function enabledPolicies(tx: ReadTx, tenant: TenantRef): Promise<PolicyRow[]> {
  return tx.rows<PolicyRow>(
    `SELECT ${POLICY_COLUMNS} FROM flotilla.enforcement_policies p
      WHERE p.tenant_id = $1 AND p.enabled AND p.deleted_at IS NULL ORDER BY p.id`,
    [tenant.tenantId],
  );
}
