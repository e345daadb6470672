import type { CostRecord } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';

/** Which currencies a file has, and since which day: whether its amounts will be in any total. */
export class CurrencyDays {
  private readonly since = new Map<string, string>();

  see({ currency, chargeStart }: CostRecord): void {
    const known = this.since.get(currency);
    if (known === undefined || chargeStart < known) this.since.set(currency, chargeStart);
  }

  /** Those that have no rate to the tenant's own on their first day, by name. */
  async withoutRate(tx: ReadTx, tenantId: string): Promise<string[]> {
    const seen = [...this.since].map(([currency, start]) => ({ currency, day: start.slice(0, 10) }));
    const rows = await tx.rows<{ currency: string }>(WITHOUT_RATE, [tenantId, JSON.stringify(seen)]);
    return rows.map(({ currency }) => currency);
  }
}

const WITHOUT_RATE = `
  SELECT g.currency FROM jsonb_to_recordset($2::jsonb) AS g(currency text, day date)
    JOIN flotilla.tenants t ON t.tenant_id = $1
   WHERE flotilla.currency_rate($1, g.currency::char(3), t.currency, g.day) IS NULL ORDER BY g.currency`;
