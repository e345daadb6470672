import type { Role } from '@flotilla/contracts';
import type { Db } from '@flotilla/persistence';
import { newApiKey } from '../../../apps/control-plane/dist/platform/index.js';

/** A key of this role for a tenant without a rate limit. */
export async function makeKey(db: Db, tenantId: string, role: Role = 'operator'): Promise<string> {
  const key = newApiKey();
  await db.system(async (tx) => {
    await tx.rows('UPDATE flotilla.tenants SET rate_limit_per_minute = 1000000 WHERE tenant_id = $1', [tenantId]);
    await tx.rows(
      `INSERT INTO flotilla.api_keys (tenant_id, id, name, role, scopes, secret_hash, last4) VALUES ($1, $2, 'bench', $5, '{}', $3, $4)`,
      [tenantId, key.id, key.hash, key.last4, role],
    );
  });
  return key.text;
}
