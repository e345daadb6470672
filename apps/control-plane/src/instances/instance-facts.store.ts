import { effectiveFacts } from '@flotilla/domain';
import type { Fact, FactName, FactSource } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';
import { withListPrice } from './list-price.js';

type FactValues = Partial<Record<FactName, unknown>>;

/** Loads and saves what the sources say about an instance, and keeps the effective values in flotilla.instances. */
export const instanceFactsStore = {
  /**
   * Keeps what one source says now; what it does not mention stays as it said it before. null takes a fact back.
   *
   * @returns whether anything of it is new
   */
  async put(
    tx: ReadTx,
    tenantId: string,
    instanceId: number,
    source: FactSource,
    reporter: string,
    values: FactValues,
  ): Promise<boolean> {
    const said = Object.entries(values).filter(([, value]) => value !== undefined);
    const kept = Object.fromEntries(said.filter(([, value]) => value !== null));
    const taken = said.filter(([, value]) => value === null).map(([fact]) => fact);
    const changed = await tx.rows(
      `WITH taken AS (
         DELETE FROM flotilla.instance_facts
          WHERE tenant_id = $1 AND instance_id = $2 AND source = $3 AND reporter = $4 AND fact = ANY ($6::text[])
          RETURNING fact),
       kept AS (
         INSERT INTO flotilla.instance_facts AS f (tenant_id, instance_id, fact, source, reporter, value)
         SELECT $1, $2, g.key, $3, $4, g.value FROM jsonb_each($5::jsonb) g
         ON CONFLICT (tenant_id, instance_id, fact, source, reporter)
           DO UPDATE SET value = excluded.value, at = now() WHERE f.value IS DISTINCT FROM excluded.value
         RETURNING fact)
       SELECT fact FROM taken UNION ALL SELECT fact FROM kept`,
      [tenantId, instanceId, source, reporter, JSON.stringify(kept), taken],
    );
    if (changed.length > 0) await this.apply(tx, tenantId, instanceId);
    return changed.length > 0;
  },

  /** Brings the effective values in line with all facts. The caller holds the instance's row lock. */
  async apply(tx: ReadTx, tenantId: string, instanceId: number): Promise<void> {
    const rows = await tx.rows<{ fact: FactName; source: FactSource; value: unknown; at: Date }>(
      'SELECT f.fact, f.source, f.value, f.at FROM flotilla.instance_facts f WHERE f.tenant_id = $1 AND f.instance_id = $2',
      [tenantId, instanceId],
    );
    const said = rows.map((row): Fact => ({ ...row, atMs: row.at.getTime() }));
    const now = effectiveFacts(await withListPrice(tx, tenantId, instanceId, said));
    await tx.rows(
      `UPDATE flotilla.instances SET name = $3, region = $4, instance_type = $5, gpu_type = $6, gpu_count = $7,
         tags = $8, hourly_cost = $9, currency = coalesce($10, currency), hourly_cost_source = $11, protected = $12,
         placement = $13
       WHERE tenant_id = $1 AND id = $2`,
      [
        tenantId,
        instanceId,
        now.name,
        now.region,
        now.instanceType,
        now.gpuType,
        now.gpuCount,
        JSON.stringify(now.tags),
        now.hourlyCost?.amount ?? null,
        now.hourlyCost?.currency ?? null,
        now.hourlyCost?.source ?? null,
        now.protected,
        JSON.stringify(now.placement),
      ],
    );
  },
};
