import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import type { Db } from '@flotilla/persistence';
import { ACTIONS_CHANNEL } from '../actions/index.js';
import type { ActionDispatch, Controllers } from '../actions/index.js';
import { AGENTS_CHANNEL } from '../agents/index.js';
import { HEALTH_CLEARS_CHANNEL } from '../instances/index.js';
import type { DeviceRegistry, GpuHealthService, GpuProcesses, InstanceRegistry } from '../instances/index.js';
import type { MetricsIngest } from '../metrics/index.js';
import type { SyncSections } from '../sync/index.js';
import type { GatewayOptions } from './agent-gateway.options.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { HealthClears } from './dispatch/health-clears.js';
import { enrollmentHandlers } from './enrollment/handlers.js';
import { Listener } from './grpc/listener.js';
import type { GatewayLog } from './grpc/log.js';
import { addressOf, certifiedPeer, vouchedPeer } from './grpc/peer.js';
import { CallError, toStatus } from './grpc/status.js';
import type { CertificateAuthority, ServerIdentity } from './pki/index.js';
import { InflightBudget } from './sessions/budget.js';
import { Gate } from './sessions/gate.js';
import { MicroBatch } from './sessions/micro-batch.js';
import { SessionHub } from './sessions/hub.js';
import { SlowDown } from './sessions/pace.js';
import { Session } from './sessions/session.js';
import type { AgentCall, Peer, SessionDeps } from './sessions/session.types.js';

export interface GatewayParts {
  readonly db: Db;
  readonly log: GatewayLog;
  readonly authority: CertificateAuthority;
  readonly identity: ServerIdentity;
  readonly ingest: MetricsIngest;
  readonly instances: InstanceRegistry;
  readonly devices: DeviceRegistry;
  readonly sections: SyncSections;
  readonly actions: ActionDispatch;
  readonly controllers: Controllers;
  readonly processes: GpuProcesses;
  readonly health: GpuHealthService;
  readonly options: GatewayOptions;
  readonly now?: () => number;
}

/** Less than the pools hold, so that requests of people get through beside a fleet that comes back. */
const LOOKUPS_AT_ONCE = 4;
const WRITES_AT_ONCE = 3;
const DRAIN_MS = 2_000;
const SHUTDOWN_MS = 3_000;

/** Everything between the gRPC port and the rooms: streams, who is connected, dispatch. */
export class Gateway {
  readonly hub: SessionHub;
  readonly budget: InflightBudget;
  private readonly dispatcher: Dispatcher;
  private readonly healthClears: HealthClears;
  private readonly sessionDeps: SessionDeps;
  private readonly now: () => number;
  private listener: Listener | undefined;
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly unlisten: (() => void)[] = [];
  private draining = false;
  private paceFactor = 1;

  constructor(private readonly parts: GatewayParts) {
    this.now = parts.now ?? Date.now;
    this.budget = new InflightBudget(parts.options.inflightBytes);
    this.hub = new SessionHub({ db: parts.db, options: parts.options, log: parts.log, now: this.now });
    this.dispatcher = new Dispatcher(parts.actions, this.hub, parts.log);
    this.healthClears = new HealthClears(parts.health, this.hub, parts.log);
    const positions = new MicroBatch(
      (spool: { tenantId: string; agentId: string; walEpoch: bigint }) => spool.agentId,
      (spools) => parts.ingest.positions(spools),
    );
    this.sessionDeps = {
      ...parts,
      now: this.now,
      budget: this.budget,
      lookups: new Gate(LOOKUPS_AT_ONCE),
      writes: new Gate(WRITES_AT_ONCE),
      claim: (claim) => this.hub.claim(claim),
      position: (agent, walEpoch) => positions.run({ ...agent, walEpoch: BigInt(walEpoch) }),
      onOpen: (session) => {
        this.hub.opened(session);
        if (session.isClosed()) return;
        this.dispatcher.opened(session);
        void this.healthClears.send(session);
      },
      onClosed: (session, reason) => {
        this.dispatcher.closed(session);
        this.hub.closed(session, reason);
      },
    };
  }

  /** The port that is listened on; 0 before. */
  get port(): number {
    return this.listener?.port ?? 0;
  }

  /** @throws Error when the port is taken */
  async start(address: string, port: number): Promise<void> {
    const { db, options, authority, identity, log } = this.parts;
    this.unlisten.push(await db.listen(AGENTS_CHANNEL, (payload) => this.hub.onNotice(payload)));
    this.unlisten.push(await db.listen(ACTIONS_CHANNEL, (agentId) => this.dispatcher.wake(agentId)));
    this.unlisten.push(await db.listen(HEALTH_CLEARS_CHANNEL, (agentId) => this.healthClears.wake(agentId)));
    db.onNotificationsLost(() => {
      this.dispatcher.wakeAll();
      void this.flush();
    });
    this.listener = await Listener.start({
      address,
      port,
      tls: options.plaintext ? null : { authority, identity },
      onConnect: (call) => this.connect(call),
      enrollment: enrollmentHandlers({ db, authority, log, now: this.now, trust: () => identity.trust() }),
      log,
    });
    const slowDown = new SlowDown(options.slowAfterMs);
    this.every(options.tickMs, () => this.hub.tick(this.pace(slowDown)));
    this.every(options.flushMs, () => void this.flush());
    this.every(options.pollMs, () => this.dispatcher.wakeAll());
  }

  /** Sends the agents elsewhere, lets what they sent reach the database, and ends. */
  async stop(): Promise<void> {
    if (this.draining) return;
    this.draining = true;
    for (const timer of this.timers) clearInterval(timer);
    for (const unlisten of this.unlisten) unlisten();
    this.dispatcher.stop();
    const { drainReconnectMs } = this.parts.options;
    for (const session of this.hub.sessions()) session.drain(drainReconnectMs, drainReconnectMs);
    const deadline = performance.now() + DRAIN_MS;
    const isBusy = () => [...this.hub.sessions()].some((session) => !session.isIdle);
    do await sleep(50);
    while (isBusy() && performance.now() < deadline);
    for (const session of [...this.hub.sessions()]) session.end(goingAway());
    await this.listener?.stop(SHUTDOWN_MS);
    await Promise.race([this.hub.settled(), sleep(DRAIN_MS, undefined, { ref: false })]);
  }

  /** Marks agents whose replica died as disconnected. */
  expireLeases(): Promise<number> {
    return this.hub.expire();
  }

  private connect(call: AgentCall): void {
    try {
      if (this.draining) throw goingAway();
      const peer = this.peerOf(call);
      this.hub.admit(peer);
      this.hub.add(new Session(call, peer, this.sessionDeps));
    } catch (error) {
      call.on('error', () => undefined);
      call.emit('error', Object.assign(new Error('refused'), toStatus(error)));
    }
  }

  private peerOf(call: AgentCall): Peer {
    const address = addressOf(call.getPeer());
    if (this.parts.options.plaintext) {
      const agent = vouchedPeer(call);
      if (!agent) throw new CallError(status.UNAUTHENTICATED, 'nobody vouches for this agent');
      return { agent, address, notAfterMs: null, keySha256: null };
    }
    const certified = certifiedPeer(call, this.now());
    if (!certified) {
      const told =
        'a client certificate that this control plane issued is required: enrol, or renew the one that ended';
      throw new CallError(status.UNAUTHENTICATED, told);
    }
    const keySha256 = createHash('sha256').update(certified.publicKeyDer).digest();
    return { agent: certified.agent, address, notAfterMs: certified.notAfterMs, keySha256 };
  }

  private pace(slowDown: SlowDown): number {
    const factor = slowDown.look(this.budget.pressure, this.now());
    if (factor !== this.paceFactor) {
      const message =
        factor > 1
          ? 'the database does not keep up with the agents: they are asked to read more rarely'
          : 'the database keeps up again: the agents read as they are configured';
      this.parts.log.warn({ factor, backlog_bytes: this.budget.usedBytes }, message);
    }
    return (this.paceFactor = factor);
  }

  private async flush(): Promise<void> {
    try {
      await this.hub.flush();
    } catch (error) {
      this.parts.log.warn({ err: error }, 'the leases of streams were not renewed');
    }
  }

  private every(ms: number, work: () => void): void {
    this.timers.push(setInterval(work, ms));
  }
}

const goingAway = () => new CallError(status.UNAVAILABLE, 'this control plane is stopping: connect again', 1_000);
