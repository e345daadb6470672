import { Inject, Injectable } from '@nestjs/common';
import { InstanceElement } from '@flotilla/contracts';
import { Db, systemActor } from '@flotilla/persistence';
import { AgentActors, Controllers } from '../actions/index.js';
import { reportInstance } from '../instances/index.js';
import { CONFIG } from '../platform/index.js';
import type { Config } from '../platform/index.js';
import { elementOf } from './demo-fleet.js';
import { DemoPower } from './demo-power.js';
import type { DemoFleet, DemoMachine } from './demo.types.js';

/** What heartbeats would do for the simulated agents: who is here, and which machine its plan has switched. */
@Injectable()
export class DemoSessions {
  private readonly reported = new Map<number, boolean>();

  constructor(
    private readonly db: Db,
    private readonly controllers: Controllers,
    private readonly actors: AgentActors,
    private readonly power: DemoPower,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Renews the leases of all agents whose machine is on, and takes leave for the others. */
  async beat(fleet: DemoFleet, nowMs: number): Promise<void> {
    const isOn = (machine: DemoMachine) => this.power.isOnAt(machine.simulated, nowMs / 1000);
    const here = [...fleet.machines.filter(isOn), ...fleet.controllers].map(({ agent }) => agent.agentId);
    await this.db.write(systemActor(fleet.tenantId, 'demo'), async (tx) => {
      tx.withoutAudit('a heartbeat of the simulated agents');
      await tx.rows(
        `UPDATE flotilla.agents a SET last_seen_at = now(), connected_until = now() + interval '45 seconds',
           connected_at = coalesce(a.connected_at, now()), disconnected_at = NULL, replica_id = $3, clock_skew_ms = 0,
           buffered_entries = 0, buffered_bytes = 0
          WHERE a.tenant_id = $1 AND a.simulated AND a.id = ANY ($2::uuid[])`,
        [fleet.tenantId, here, this.config.replicaId],
      );
      await this.leave(tx, fleet.tenantId, here);
    });
    for (const machine of fleet.machines) await this.follow(fleet, machine, isOn(machine), nowMs);
  }

  /** The simulated agents go: nobody may queue anything for them while the demo does not run. */
  async end(fleet: DemoFleet): Promise<void> {
    await this.db.write(systemActor(fleet.tenantId, 'demo'), async (tx) => {
      tx.withoutAudit('the simulated agents leave');
      await this.leave(tx, fleet.tenantId, []);
    });
  }

  private async leave(
    tx: { rows: (sql: string, values: unknown[]) => Promise<unknown> },
    tenantId: string,
    but: string[],
  ) {
    await tx.rows(
      `UPDATE flotilla.agents a SET connected_until = NULL, connected_at = NULL, replica_id = NULL, disconnected_at = now()
        WHERE a.tenant_id = $1 AND a.simulated AND a.connected_until IS NOT NULL AND NOT a.id = ANY ($2::uuid[])`,
      [tenantId, but],
    );
  }

  /** A machine that its plan switches is reported by its controller: a host cannot report its own death. */
  private async follow(fleet: DemoFleet, machine: DemoMachine, isOn: boolean, nowMs: number): Promise<void> {
    const before = this.reported.get(machine.instanceId);
    this.reported.set(machine.instanceId, isOn);
    if (before === undefined || before === isOn) return;
    const { cloudProvider } = machine.simulated;
    const controller = fleet.controllers.find((one) => one.cloudProvider === cloudProvider);
    if (!controller) return;
    const actor = await this.actors.of(controller.agent);
    const reporter = { agent: controller.agent, label: actor.label, own: false };
    await this.db.write(actor, async (tx) => {
      tx.withoutAudit('a changed state is recorded besides');
      await reportInstance(
        tx,
        this.controllers,
        reporter,
        InstanceElement.parse(elementOf(machine.simulated, isOn, nowMs)),
      );
    });
  }
}
