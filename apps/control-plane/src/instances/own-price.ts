import { effectiveFacts } from '@flotilla/domain';
import type { Fact } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';

/** What the tenant's own prices say that an hour costs today; null: nothing. One for the region goes before one for all. */
export async function ownPrice(tx: ReadTx, tenantId: string, provider: string, facts: readonly Fact[]) {
  const { instanceType, region } = effectiveFacts(facts);
  if (instanceType === null) return null;
  const price = await tx.row<{ id: number; amount: string; currency: string }>(FIND, [
    tenantId,
    provider,
    instanceType,
    region,
  ]);
  return price ? { amount: price.amount, currency: price.currency, price_id: price.id } : null;
}

const FIND = `
  SELECT p.id, p.hourly_cost AS amount, p.currency FROM flotilla.prices p
   WHERE p.tenant_id = $1 AND p.kind = 'instance' AND p.provider = $2 AND p.instance_type = $3
     AND (p.region IS NULL OR p.region = $4) AND p.valid_from <= current_date AND coalesce(p.valid_to >= current_date, true)
   ORDER BY p.region NULLS LAST, p.id DESC LIMIT 1`;
