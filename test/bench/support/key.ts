import type { Db } from '@flotilla/persistence';
import { newApiKey } from '../../../apps/control-plane/dist/platform/index.js';

/** An operator's key for a tenant without a rate limit. */
export async function makeKey(db: Db, tenantId: string): Promise<string> {
  const key = newApiKey();
  await db.system(async (tx) => {
    await tx.rows('UPDATE flotilla.tenants SET rate_limit_per_minute = 1000000 WHERE tenant_id = $1', [tenantId]);
    await tx.rows(
      `INSERT INTO flotilla.api_keys (tenant_id, id, name, role, scopes, secret_hash, last4) VALUES ($1, $2, 'bench', 'operator', '{}', $3, $4)`,
      [tenantId, key.id, key.hash, key.last4],
    );
  });
  return key.text;
}
