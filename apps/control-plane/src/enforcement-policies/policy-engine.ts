import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db, systemActor } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { DecisionRounds, RoundLostError } from '../decisions/index.js';
import type { DecisionRound } from '../decisions/index.js';
import { Log } from '../platform/index.js';
import { runsStore } from './policy-runs.store.js';
import { PolicyRunner } from './policy-runner.js';
import { decidePolicy, earlierRound, PolicyWatch } from './policy-watch.js';
import type { PolicyMinute } from './policy-watch.js';
import { enabledPolicies } from './policy-rows.js';
import type { PolicyRow } from './policy-rows.js';

/** Minutes that could not be decided about are tried again for so long. */
const CATCH_UP_MINUTES = 10;

/**
 * The live engine: once a minute and tenant it looks which policies trigger, and lets each of them run in a transaction of
 * its own.
 *
 * A minute counts as decided when every policy decided about it. A run is known by its policy and minute, so a minute that
 * is looked at again (its replica died, a policy failed) does nothing twice and leaves nothing out.
 */
@Injectable()
export class PolicyEngine implements OnModuleInit {
  private readonly log: Log;
  private readonly watches = new Map<string, PolicyWatch>();

  constructor(
    private readonly db: Db,
    private readonly rounds: DecisionRounds,
    private readonly runner: PolicyRunner,
    log: Log,
  ) {
    this.log = log.child('policies');
  }

  onModuleInit(): void {
    this.rounds.register({ name: 'policies', evaluate: (round) => this.evaluate(round) });
  }

  /** Decides about the minute of the round, after those before it that are still owed. */
  async evaluate(round: DecisionRound): Promise<void> {
    const tenant = { tenantId: round.tenantId };
    const { policies, through, idleBelowPercent } = await this.owed(tenant);
    if (policies.length === 0) return void this.watches.delete(round.tenantId);
    const first = Math.max(
      round.minute - CATCH_UP_MINUTES,
      Math.min(...policies.map((row) => row.start_minute)),
      through + 1,
    );
    let whole = true;
    for (let minute = Math.min(first, round.minute); minute <= round.minute; minute++) {
      const at = minute === round.minute ? round : earlierRound(round, minute);
      const decided = await this.decide(at, await this.watch(round.tenantId).at(at, policies, idleBelowPercent));
      whole &&= decided;
      if (whole) await this.keepProgress(round, minute);
    }
  }

  private async owed(tenant: TenantRef): Promise<{ policies: PolicyRow[]; through: number; idleBelowPercent: number }> {
    return this.db.read(tenant, async (tx) => {
      const policies = await enabledPolicies(tx, tenant);
      const row = await tx.row<{ through: number; idle_below_percent: number }>(
        `SELECT coalesce((SELECT g.decided_through FROM flotilla.policy_progress g WHERE g.tenant_id = $1), 0) AS through,
                t.idle_below_percent
           FROM flotilla.tenants t WHERE t.tenant_id = $1`,
        [tenant.tenantId],
      );
      return { policies, through: row!.through, idleBelowPercent: row!.idle_below_percent };
    });
  }

  private watch(tenantId: string): PolicyWatch {
    let watch = this.watches.get(tenantId);
    if (!watch) this.watches.set(tenantId, (watch = new PolicyWatch(this.db)));
    return watch;
  }

  /** @returns false when a policy could not be decided about */
  private async decide(round: DecisionRound, seen: PolicyMinute): Promise<boolean> {
    const tenant = { tenantId: round.tenantId };
    const last = await this.db.read(tenant, (tx) => runsStore.lastTriggers(tx, tenant, seen.policies, seen.minute));
    let whole = true;
    for (const [at, policy] of seen.policies.entries()) {
      const [now, before] = [seen.truths[at]!, seen.truthsBefore[at]!];
      const decision = decidePolicy(
        policy,
        seen.minute,
        now,
        before,
        last.get(policy.row.id) ?? new Map<number, number>(),
      );
      const isOver = now.size === 0 && before.size > 0;
      const held = decision.outsideSchedule.length + decision.inCooldown.length;
      if (!isOver && decision.triggered.length + held === 0) continue;
      try {
        await this.runner.run(round, seen, at, decision, isOver);
      } catch (error) {
        if (error instanceof RoundLostError) throw error;
        whole = false;
        const facts = { err: error, ...tenant, policyId: policy.row.id, minute: seen.minute };
        this.log.error(facts, 'a policy could not be carried out; it is tried again with the next minutes');
      }
    }
    return whole;
  }

  private async keepProgress(round: DecisionRound, minute: number): Promise<void> {
    await this.db.write(systemActor(round.tenantId, 'policies'), async (tx) => {
      tx.withoutAudit('only how far the policies of the tenant are');
      await round.hold(tx);
      await tx.rows(
        `INSERT INTO flotilla.policy_progress AS g (tenant_id, decided_through) VALUES ($1, $2)
         ON CONFLICT (tenant_id) DO UPDATE SET decided_through = greatest(g.decided_through, excluded.decided_through)`,
        [round.tenantId, minute],
      );
    });
  }
}
