import type { ReadTx } from '@flotilla/persistence';
import { instanceFactsStore } from './instance-facts.store.js';

/** Looks the price of instances up again whose tenant changed what their type costs. */
export async function applyPrices(tx: ReadTx, tenantId: string, provider: string, instanceType: string): Promise<void> {
  const rows = await tx.rows<{ id: number }>(
    `SELECT i.id FROM flotilla.instances i
      WHERE i.tenant_id = $1 AND i.cloud_provider = $2 AND i.instance_type = $3 AND i.state <> 'terminated'
      ORDER BY i.id FOR UPDATE`,
    [tenantId, provider, instanceType],
  );
  for (const { id } of rows) await instanceFactsStore.apply(tx, tenantId, id);
}
