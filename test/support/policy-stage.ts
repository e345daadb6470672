import { PolicyEngine } from '../../apps/control-plane/src/enforcement-policies/policy-engine.js';
import { TenantRound } from '../../apps/control-plane/src/decisions/tenant-round.js';
import { LiveStore, MetricsIngest } from '../../apps/control-plane/src/metrics/index.js';
import type { TestApp } from './app.js';
import { aMinute, createDevice, minuteAgo } from './telemetry.js';

/** Minutes of data that a machine of the stage has. */
export const STAGED_MINUTES = 45;
export const IDLE = { gpu_utilization: 0, memory_used_mib: 3, power_draw: 60, pcie_rx: 10, pcie_tx: 10 };
export const BUSY = { ...IDLE, gpu_utilization: 90 };

/** What a run did, without the words. */
export interface Told {
  readonly action_type: string;
  readonly outcome: string;
  readonly blocked_by: string | null;
  readonly reason: string;
  readonly instance: { readonly id: number } | null;
  readonly action_status: string | null;
}

/** A tenant of its own whose minutes are decided when the test says so. */
export class PolicyStage {
  private constructor(
    private readonly app: TestApp,
    readonly tenantId: string,
    readonly admin: string,
    /** The newest minute that is whole. */
    readonly minute: number,
  ) {}

  /** @param ofTenant whose minutes; left out: those of a new one */
  static async set(app: TestApp, ofTenant?: string): Promise<PolicyStage> {
    const tenantId = ofTenant ?? (await app.newTenant());
    const stage = new PolicyStage(app, tenantId, await app.login('admin', tenantId), minuteAgo(1) / 60);
    // the rounds of the application find nothing due
    await stage.sql(
      `INSERT INTO flotilla.decision_rounds (tenant_id, holder, leased_until, decided_through)
       VALUES ($1, $2, now() + interval '1 day', 2000000000)
       ON CONFLICT (tenant_id) DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until,
         decided_through = excluded.decided_through`,
      [tenantId, app.config.replicaId],
    );
    return stage;
  }

  sql<T = unknown>(text: string, values: unknown[] = []) {
    return this.app.db.system((tx) => tx.rows<T & Record<string, unknown>>(text, values));
  }

  async call(method: string, path: string, body?: object) {
    const answer = await this.app.call(method, `/api/enforcement-policies${path}`, {
      as: this.admin,
      ...(body && { body }),
    });
    if (!answer.body.success) throw new Error(JSON.stringify(answer.body));
    return answer.body.data;
  }

  /** A machine that has run for hours, with an agent that can stop it, and its minutes up to now. */
  async machine(
    readings: object | null = IDLE,
    more: { state?: string; tags?: object; cost?: number } = {},
  ): Promise<number> {
    const [agent] = await this.sql<{ id: string }>(
      `INSERT INTO flotilla.agents (tenant_id, hostname, connected_until, last_seen_at)
       VALUES ($1, 'gpu', now() + interval '1 hour', now()) RETURNING id`,
      [this.tenantId],
    );
    const [row] = await this.sql<{ id: number }>(
      `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, state, state_changed_at, gpu_count, agent_id, tags, hourly_cost)
       VALUES ($1, 'on_prem', gen_random_uuid()::text, $2, now() - interval '9 hours', 1, $3, $4, $5) RETURNING id`,
      [this.tenantId, more.state ?? 'running', agent!.id, more.tags ?? {}, more.cost ?? 2],
    );
    await this.sql(
      `INSERT INTO flotilla.controllers (tenant_id, agent_id, ordinal, kind, verbs, instance_ids, level)
       VALUES ($1, $2, 0, 'command', '{start,stop}', '{self}', 'power')`,
      [this.tenantId, agent!.id],
    );
    if (!readings) return row!.id;
    const deviceId = await createDevice(this.app.db, this.tenantId, row!.id);
    const rows = Array.from({ length: STAGED_MINUTES }, (_, i) => ({
      deviceId,
      minute: aMinute((this.minute - STAGED_MINUTES + 1 + i) * 60, readings),
    }));
    await new MetricsIngest(this.app.db, new LiveStore(this.app.db)).storeSamples(this.tenantId, agent!.id, rows);
    return row!.id;
  }

  /** A policy that decides from the newest minute on, so that what holds already triggers then. */
  async make(more: object = {}): Promise<number> {
    const { id } = await this.call('POST', '', {
      policy_name: 'Idle',
      conditions: { metric: 'gpu_utilization', operator: 'lt', threshold: 5, duration: 30 },
      actions: [{ type: 'stop_instances' }],
      execution_mode: 'automatic',
      cap_per_run_percent: 100,
      cap_per_day_percent: 100,
      ...more,
    });
    await this.since(id, this.minute);
    return id as number;
  }

  /** From which minute on a policy decides. */
  since(policyId: number, minute: number) {
    return this.sql('UPDATE flotilla.enforcement_policies SET start_minute = $2 WHERE id = $1', [policyId, minute]);
  }

  decide(at = this.minute): Promise<void> {
    return this.app.app
      .get(PolicyEngine)
      .evaluate(new TenantRound(this.app.db, this.app.config.replicaId, this.tenantId, at, null));
  }

  history(policyId: number) {
    return this.call('GET', `/${policyId}/history`);
  }

  async told(policyId: number): Promise<Told[]> {
    return (await this.history(policyId)).flatMap((run: { outcomes: Told[] }) => run.outcomes);
  }
}

export const short = (outcomes: readonly Told[]) =>
  outcomes.map((one) => [one.action_type, one.instance?.id ?? null, one.blocked_by ?? one.outcome]);
