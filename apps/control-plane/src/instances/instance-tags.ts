import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { instanceFactsStore } from './instance-facts.store.js';

/**
 * Puts tags on an instance as a person would: they count more than what clouds and agents say.
 *
 * @returns whether one of them is new or other than before
 */
export async function tagInstance(
  tx: ReadTx,
  tenant: TenantRef,
  instanceId: number,
  tags: Readonly<Record<string, string>>,
): Promise<boolean> {
  const instance = await tx.row<{ tags: Record<string, string> }>(
    'SELECT i.tags FROM flotilla.instances i WHERE i.tenant_id = $1 AND i.id = $2 FOR UPDATE',
    [tenant.tenantId, instanceId],
  );
  if (!instance || Object.entries(tags).every(([key, value]) => instance.tags[key] === value)) return false;
  const said = await tx.row<{ value: Record<string, string | null> }>(
    `SELECT f.value FROM flotilla.instance_facts f
      WHERE f.tenant_id = $1 AND f.instance_id = $2 AND f.fact = 'tags' AND f.source = 'user'`,
    [tenant.tenantId, instanceId],
  );
  return instanceFactsStore.put(tx, tenant.tenantId, instanceId, 'user', '', { tags: { ...said?.value, ...tags } });
}
