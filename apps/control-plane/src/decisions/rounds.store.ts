import type { ReadTx } from '@flotilla/persistence';
import { RoundLostError } from './decision-round.js';

/** How long a replica decides for a tenant without a sign of life. */
export const LEASE_S = 30;

export interface Held extends Record<string, unknown> {
  readonly tenant_id: string;
  readonly decided_through: number | null;
  /** The database's clock, Unix seconds. */
  readonly now_s: number;
}

/** Who decides for which tenant. Clocks are the database's. */
export const roundsStore = {
  /** Takes the tenants that nobody decides for and renews one's own. @returns those that this replica holds now */
  async claim(tx: ReadTx, replicaId: string): Promise<Held[]> {
    await tx.rows(CLAIM, [replicaId, LEASE_S]);
    return tx.rows<Held>(
      `SELECT r.tenant_id, r.decided_through, extract(epoch FROM clock_timestamp())::float8 AS now_s
         FROM flotilla.decision_rounds r JOIN flotilla.tenants t ON t.tenant_id = r.tenant_id AND t.status = 'active'
        WHERE r.holder = $1 AND r.leased_until > clock_timestamp() ORDER BY r.tenant_id`,
      [replicaId],
    );
  },

  async decided(tx: ReadTx, replicaId: string, tenantId: string, minute: number): Promise<void> {
    await tx.rows(
      `UPDATE flotilla.decision_rounds SET decided_through = $3, decided_at = now(), leased_until = now() + $4 * interval '1 second'
        WHERE tenant_id = $2 AND holder = $1`,
      [replicaId, tenantId, minute, LEASE_S],
    );
  },

  /** @throws RoundLostError */
  async hold(tx: ReadTx, replicaId: string, tenantId: string): Promise<void> {
    const mine = await tx.row(
      `SELECT 1 AS mine FROM flotilla.decision_rounds r
        WHERE r.tenant_id = $1 AND r.holder = $2 AND r.leased_until > clock_timestamp() FOR SHARE`,
      [tenantId, replicaId],
    );
    if (!mine) throw new RoundLostError(tenantId);
  },

  async release(tx: ReadTx, replicaId: string): Promise<void> {
    await tx.rows('UPDATE flotilla.decision_rounds SET leased_until = NULL, holder = NULL WHERE holder = $1', [
      replicaId,
    ]);
  },
};

// a row that another replica holds locked is in use: it is left alone
const CLAIM = `
  WITH new AS (
    INSERT INTO flotilla.decision_rounds (tenant_id)
    SELECT t.tenant_id FROM flotilla.tenants t
     WHERE t.status = 'active' AND NOT EXISTS (SELECT FROM flotilla.decision_rounds r WHERE r.tenant_id = t.tenant_id)
    ON CONFLICT DO NOTHING
  ), free AS (
    SELECT r.tenant_id FROM flotilla.decision_rounds r
     WHERE r.leased_until IS NULL OR r.leased_until < now()
        OR (r.holder = $1 AND r.leased_until < now() + $2 * interval '0.6 second')
     ORDER BY r.tenant_id FOR UPDATE SKIP LOCKED
  )
  UPDATE flotilla.decision_rounds r SET holder = $1, leased_until = now() + $2 * interval '1 second'
    FROM free WHERE free.tenant_id = r.tenant_id`;
