import { Inject, Injectable, Optional } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { ActionDispatch, Controllers } from '../actions/index.js';
import { DeviceRegistry, GpuHealthService, GpuProcesses, InstanceRegistry } from '../instances/index.js';
import { MetricsIngest } from '../metrics/index.js';
import { CONFIG, Jobs, Log } from '../platform/index.js';
import type { Config } from '../platform/index.js';
import { SyncSections } from '../sync/index.js';
import { DEFAULT_OPTIONS } from './agent-gateway.options.js';
import type { GatewayOptions } from './agent-gateway.options.js';
import { GatewayPki } from './agent-gateway.pki.js';
import { Gateway } from './agent-gateway.server.js';

/** Injection token: changes to the gateway's options, for benches and tests. */
export const GATEWAY_OPTIONS = Symbol('flotilla:gateway-options');

const EXPIRE_EVERY_MS = 5_000;
const EVENTS_KEPT = '30 days';

/** The gateway as a part of the control plane: opens its port with the application and drains before it stops. */
@Injectable()
export class AgentGateway implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly gateway: Gateway;

  constructor(
    private readonly db: Db,
    @Inject(CONFIG) private readonly config: Config,
    private readonly log: Log,
    private readonly pki: GatewayPki,
    ingest: MetricsIngest,
    instances: InstanceRegistry,
    devices: DeviceRegistry,
    sections: SyncSections,
    actions: ActionDispatch,
    controllers: Controllers,
    processes: GpuProcesses,
    health: GpuHealthService,
    jobs: Jobs,
    @Optional() @Inject(GATEWAY_OPTIONS) options: Partial<GatewayOptions> | undefined,
  ) {
    const { authority, identity } = pki;
    this.gateway = new Gateway({
      db,
      authority,
      identity,
      ingest,
      instances,
      devices,
      sections,
      actions,
      controllers,
      processes,
      health,
      log: log.child('agent-gateway'),
      options: { ...DEFAULT_OPTIONS, replicaId: config.replicaId, ...options },
    });
    jobs.every({
      name: 'agent-gateway.expire-leases',
      everyMs: EXPIRE_EVERY_MS,
      exclusive: true,
      run: async () => void (await this.gateway.expireLeases()),
    });
    jobs.every({
      name: 'agent-gateway.forget-events',
      everyMs: 3_600_000,
      exclusive: true,
      run: () => this.forgetEvents(),
    });
  }

  /** Port of the gRPC listener. */
  get port(): number {
    return this.gateway.port;
  }

  /** Streams that this replica holds. */
  get sessions(): number {
    return this.gateway.hub.size;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.gateway.start(this.config.bind, this.config.grpcPort);
    this.pki.boundPort = this.gateway.port;
    this.log.info({ bind: this.config.bind, port: this.gateway.port }, 'agents may connect');
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.gateway.stop();
  }

  private async forgetEvents(): Promise<void> {
    await this.db.system((tx) =>
      tx.rows(`DELETE FROM flotilla.agent_events e WHERE e.received_at < now() - interval '${EVENTS_KEPT}'`),
    );
  }
}
