import { effectiveFacts, priceOf } from '@flotilla/domain';
import type { Fact } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';

/**
 * Brings the fact of the price table in line with what the other sources say the instance is: an hourly cost where type,
 * region and provider are known and listed, none otherwise. The list, its day and the table's version stand beside it.
 *
 * @returns the facts with it. The caller holds the instance's row lock
 */
export async function withListPrice(
  tx: ReadTx,
  tenantId: string,
  instanceId: number,
  facts: readonly Fact[],
): Promise<readonly Fact[]> {
  const others = facts.filter((fact) => fact.source !== 'price_table' || fact.fact !== 'hourly_cost');
  const before = facts.find((fact) => !others.includes(fact));
  const row = await tx.row<{ cloud_provider: string }>(
    'SELECT i.cloud_provider FROM flotilla.instances i WHERE i.tenant_id = $1 AND i.id = $2',
    [tenantId, instanceId],
  );
  const value = row && listPrice(row.cloud_provider, others);
  const values = [tenantId, instanceId];
  if (!value) {
    if (before) {
      await tx.rows(
        `DELETE FROM flotilla.instance_facts
          WHERE tenant_id = $1 AND instance_id = $2 AND fact = 'hourly_cost' AND source = 'price_table'`,
        values,
      );
    }
    return others;
  }
  await tx.rows(
    `INSERT INTO flotilla.instance_facts AS f (tenant_id, instance_id, fact, source, value)
     VALUES ($1, $2, 'hourly_cost', 'price_table', $3)
     ON CONFLICT (tenant_id, instance_id, fact, source, reporter)
       DO UPDATE SET value = excluded.value, at = now() WHERE f.value IS DISTINCT FROM excluded.value`,
    [...values, JSON.stringify(value)],
  );
  return [...others, { fact: 'hourly_cost', source: 'price_table', value, atMs: 0 }];
}

function listPrice(provider: string, facts: readonly Fact[]) {
  const { instanceType, region, placement } = effectiveFacts(facts);
  if (instanceType === null || region === null) return null;
  const lifecycle = LIFECYCLES.find((one) => one === placement.lifecycle) ?? null;
  const price = priceOf({ provider, type: instanceType, region, lifecycle, at: new Date() });
  if (!price) return null;
  const { amount, currency, source, asOf, table } = price;
  return { amount, currency, list: source, as_of: asOf, table };
}

const LIFECYCLES = ['on_demand', 'spot', 'reserved'] as const;
