import type { IngestTx } from '@flotilla/persistence';

interface OfTenant {
  readonly tenantId: string;
  readonly minutes: readonly { readonly deviceId: number }[];
}

/** Devices that are forgotten are asked for again: 100,000 devices are some megabytes. */
const KNOWN_MAX = 100_000;

/**
 * Which devices belong to which tenant. A device never changes its tenant, so what was seen once stays true; one that is
 * unknown is asked for every time, because it may have been made a moment ago.
 */
export class KnownDevices {
  private readonly tenants = new Map<string, Set<number>>();
  private size = 0;

  has(tenantId: string, deviceId: number): boolean {
    return this.tenants.get(tenantId)?.has(deviceId) ?? false;
  }

  /** Looks up those that are not known yet: one statement, mostly none. */
  async learn(tx: IngestTx, works: readonly OfTenant[]): Promise<void> {
    const tenantIds: string[] = [];
    const deviceIds: number[] = [];
    for (const { tenantId, minutes } of works) {
      const known = this.tenants.get(tenantId);
      for (const { deviceId } of minutes) {
        if (known?.has(deviceId) || !Number.isInteger(deviceId) || deviceId < 1 || deviceId > 0x7fffffff) continue;
        tenantIds.push(tenantId);
        deviceIds.push(deviceId);
      }
    }
    if (deviceIds.length === 0) return;
    const rows = await tx.rows<{ tenant_id: string; id: number }>(
      `SELECT d.tenant_id, d.id FROM flotilla.devices d
       JOIN unnest($1::uuid[], $2::integer[]) AS u (tenant_id, id) ON d.tenant_id = u.tenant_id AND d.id = u.id`,
      [tenantIds, deviceIds],
    );
    if (this.size > KNOWN_MAX) this.forget();
    for (const { tenant_id, id } of rows) {
      let known = this.tenants.get(tenant_id);
      if (!known) this.tenants.set(tenant_id, (known = new Set()));
      if (!known.has(id)) this.size++;
      known.add(id);
    }
  }

  private forget(): void {
    this.tenants.clear();
    this.size = 0;
  }
}
