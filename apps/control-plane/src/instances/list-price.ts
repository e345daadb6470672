import { effectiveFacts, priceOf } from '@flotilla/domain';
import type { Fact } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';
import { ownPrice } from './own-price.js';

/** Facts that are looked up by what the other sources say, and not told by anybody. */
const LOOKED_UP = ['own_price', 'price_table'] as const;

/**
 * Brings the facts of the price lists in line with what the other sources say the instance is: an hourly cost where type,
 * region and provider are known and listed, none otherwise. Of the public table, the list, its day and the table's version
 * stand beside it; of the tenant's own prices, which one it is.
 *
 * @returns the facts with them. The caller holds the instance's row lock
 */
export async function withListPrice(
  tx: ReadTx,
  tenantId: string,
  instanceId: number,
  facts: readonly Fact[],
): Promise<readonly Fact[]> {
  const isLookedUp = (fact: Fact) => fact.fact === 'hourly_cost' && LOOKED_UP.some((source) => source === fact.source);
  const others = facts.filter((fact) => !isLookedUp(fact));
  const row = await tx.row<{ cloud_provider: string }>(
    'SELECT i.cloud_provider FROM flotilla.instances i WHERE i.tenant_id = $1 AND i.id = $2',
    [tenantId, instanceId],
  );
  const values = {
    own_price: row ? await ownPrice(tx, tenantId, row.cloud_provider, others) : null,
    price_table: row ? listPrice(row.cloud_provider, others) : null,
  };
  const found: Fact[] = [];
  for (const source of LOOKED_UP) {
    const value = values[source];
    const had = facts.some((fact) => isLookedUp(fact) && fact.source === source);
    if (value) found.push({ fact: 'hourly_cost', source, value, atMs: 0 });
    if (value) await tx.rows(KEEP, [tenantId, instanceId, source, JSON.stringify(value)]);
    else if (had) await tx.rows(FORGET, [tenantId, instanceId, source]);
  }
  return [...others, ...found];
}

const KEEP = `
  INSERT INTO flotilla.instance_facts AS f (tenant_id, instance_id, fact, source, value)
  VALUES ($1, $2, 'hourly_cost', $3, $4)
  ON CONFLICT (tenant_id, instance_id, fact, source, reporter)
    DO UPDATE SET value = excluded.value, at = now() WHERE f.value IS DISTINCT FROM excluded.value`;

const FORGET = `
  DELETE FROM flotilla.instance_facts
   WHERE tenant_id = $1 AND instance_id = $2 AND fact = 'hourly_cost' AND source = $3`;

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
