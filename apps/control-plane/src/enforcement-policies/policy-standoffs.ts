import { STANDOFF_MINUTES } from '@flotilla/domain';
import type { WriteTx } from '@flotilla/persistence';
import type { Fight } from './policy-power.js';

/** Policies that are kept off an instance because they fought over it. */
export const standoffs = {
  /** Every policy that took part, as it stands now: a new version of it may act again. */
  async keep(tx: WriteTx, tenantId: string, fights: readonly Fight[], now: Date): Promise<void> {
    const until = new Date(now.getTime() + STANDOFF_MINUTES * 60_000);
    for (const { instanceId, flapping } of fights) {
      const reason = `Policies ${flapping.policyIds.join(' and ')} turned it on and off ${flapping.turns - 1} times since ${new Date(flapping.sinceMs).toISOString()}: they are kept off it until ${until.toISOString()}, or until this policy is changed.`;
      await tx.rows(
        `INSERT INTO flotilla.policy_standoffs AS s (tenant_id, policy_id, instance_id, policy_version, since, until, reason)
         SELECT p.tenant_id, p.id, $3, p.version, $4, $5, $6 FROM flotilla.enforcement_policies p
          WHERE p.tenant_id = $1 AND p.id = ANY ($2::bigint[])
         ON CONFLICT (tenant_id, policy_id, instance_id) DO UPDATE SET
           policy_version = excluded.policy_version, since = excluded.since, until = excluded.until, reason = excluded.reason`,
        [tenantId, flapping.policyIds, instanceId, now, until, reason],
      );
    }
  },
};
