import type { ReadTx } from '@flotilla/persistence';

interface Known {
  readonly id: number;
  readonly cloudProvider: string;
}

/**
 * Which instance a charge's resource names: by its provider id, or as the last part of an ARN or a path. Asked once for
 * the whole import: to ask for each of a million rows takes longer than to store them.
 */
export class InstanceLinks {
  private constructor(private readonly byProviderId: ReadonlyMap<string, readonly Known[]>) {}

  static async load(tx: ReadTx, tenantId: string): Promise<InstanceLinks> {
    const rows = await tx.rows<{ id: number; provider_id: string; cloud_provider: string }>(
      'SELECT i.id, i.provider_id, i.cloud_provider FROM flotilla.instances i WHERE i.tenant_id = $1 ORDER BY i.id',
      [tenantId],
    );
    const byProviderId = new Map<string, Known[]>();
    for (const { id, provider_id: providerId, cloud_provider: cloudProvider } of rows) {
      const known = { id, cloudProvider };
      const others = byProviderId.get(providerId);
      if (others) others.push(known);
      else byProviderId.set(providerId, [known]);
    }
    return new InstanceLinks(byProviderId);
  }

  /** Of several the one of the charge's provider, then the oldest; null: none. */
  idOf(resourceId: string | null, provider: string): number | null {
    if (resourceId === null) return null;
    const last = resourceId.slice(Math.max(resourceId.lastIndexOf('/'), resourceId.lastIndexOf(':')) + 1);
    const found = this.byProviderId.get(resourceId) ?? [];
    const others = last === resourceId ? undefined : this.byProviderId.get(last);
    const all = others ? [...found, ...others].sort((a, b) => a.id - b.id) : found;
    return (all.find((known) => known.cloudProvider === provider) ?? all[0])?.id ?? null;
  }
}
