import { status } from '@grpc/grpc-js';
import type { AgentRef } from '@flotilla/domain';
import { AGENTS_CHANNEL, formatAgentNotice, parseAgentNotice } from '../../agents/index.js';
import type { AgentNotice } from '../../agents/index.js';
import type { Db, SystemTx } from '@flotilla/persistence';
import type { GatewayOptions } from '../agent-gateway.options.js';
import { CallError } from '../grpc/status.js';
import type { GatewayLog } from '../grpc/log.js';
import { MicroBatch } from './micro-batch.js';
import type { Session } from './session.js';
import type { Peer } from './session.types.js';
import * as store from './sessions.store.js';
import type { Claim, Claimed, Pulse } from './sessions.store.js';

export interface HubDeps {
  readonly db: Db;
  readonly options: GatewayOptions;
  readonly log: GatewayLog;
  readonly now: () => number;
}

type Ended = AgentRef & { readonly epoch: number; readonly reason: string };

const superseded = () => new CallError(status.ABORTED, 'SUPERSEDED: a newer stream of this agent is open', 10_000);
const revoked = () => new CallError(status.PERMISSION_DENIED, 'this agent was revoked');
const PULSES_MAX = 1_000;

/** The streams of this replica, and their place in the database that all replicas share. */
export class SessionHub {
  /** Streams that said hello and were welcomed, by agent. */
  private readonly open = new Map<string, Session>();
  private readonly all = new Set<Session>();
  private readonly perTenant = new Map<string, number>();
  private readonly perAddress = new Map<string, number>();
  private readonly claims: MicroBatch<Claim, Claimed | undefined>;
  private readonly releases: MicroBatch<Ended, void>;
  private flushing = false;

  constructor(private readonly deps: HubDeps) {
    this.claims = new MicroBatch(
      (claim) => claim.agentId,
      (claims) => this.claimAll(claims),
    );
    this.releases = new MicroBatch(
      (ended) => `${ended.agentId} ${ended.epoch}`,
      (ended) => this.releaseAll(ended),
    );
  }

  get size(): number {
    return this.all.size;
  }

  sessions(): Iterable<Session> {
    return this.all;
  }

  find(agentId: string): Session | undefined {
    return this.open.get(agentId);
  }

  /** @throws CallError RESOURCE_EXHAUSTED when its tenant or its address has too many streams here */
  admit({ agent, address }: Peer): void {
    const { maxSessionsPerTenant, maxSessionsPerAddress } = this.deps.options;
    const tenant = this.perTenant.get(agent.tenantId) ?? 0;
    if (tenant >= maxSessionsPerTenant) throw tooMany(`this tenant has ${tenant} streams here`, maxSessionsPerTenant);
    const here = this.perAddress.get(address ?? '') ?? 0;
    if (here >= maxSessionsPerAddress)
      throw tooMany(`the address ${address} has ${here} streams here`, maxSessionsPerAddress);
  }

  add(session: Session): void {
    this.all.add(session);
    count(this.perTenant, session.agent.tenantId, 1);
    count(this.perAddress, session.peer.address ?? '', 1);
  }

  claim(claim: Claim): Promise<Claimed | undefined> {
    return this.claims.run(claim);
  }

  /** The stream is welcome: an older one of the same agent on this replica ends. */
  opened(session: Session): void {
    const other = this.open.get(session.agent.agentId);
    if (other && other !== session) {
      if (other.epoch > session.epoch) return session.end(superseded());
      other.end(superseded());
    }
    this.open.set(session.agent.agentId, session);
  }

  closed(session: Session, reason: string): void {
    if (this.all.delete(session)) {
      count(this.perTenant, session.agent.tenantId, -1);
      count(this.perAddress, session.peer.address ?? '', -1);
    }
    if (this.open.get(session.agent.agentId) === session) this.open.delete(session.agent.agentId);
    if (session.epoch === 0) return;
    this.releases
      .run({ ...session.agent, epoch: session.epoch, reason: reason.slice(0, 300) })
      .catch((error: unknown) => {
        // its lease says the same a little later
        this.deps.log.warn({ err: error, ...session.agent }, 'the end of a stream was not written down');
      });
  }

  /** What other replicas and the API say about agents. */
  onNotice(payload: string): void {
    const notice = parseAgentNotice(payload);
    const session = notice && this.open.get(notice.agentId);
    if (!notice || !session) return;
    if (notice.event === 'revoked') session.end(revoked());
    else if (notice.event === 'connected' && notice.epoch > session.epoch) session.end(superseded());
  }

  /** Looks at the deadlines of every stream, and tells each how often it shall read. */
  tick(paceFactor = 1): void {
    const now = this.deps.now();
    for (const session of this.all) session.tick(now);
    for (const session of this.open.values()) session.pace.keep(paceFactor);
  }

  /** Renews leases, and ends streams that are not their agent's any more, whatever notification was lost. */
  async flush(): Promise<void> {
    if (this.flushing) return;
    this.flushing = true;
    try {
      const now = this.deps.now();
      const everyMs = (this.deps.options.heartbeatS * 1000) / 2;
      const pulses = [...this.open.values()].flatMap((s) => s.pulse.take(s.agent, s.epoch, now, everyMs) ?? []);
      for (let from = 0; from < pulses.length; from += PULSES_MAX)
        await this.renew(pulses.slice(from, from + PULSES_MAX));
      await this.endRevoked();
    } finally {
      this.flushing = false;
    }
  }

  /** Writes down streams whose replica died. One replica at a time does it for all. */
  async expire(): Promise<number> {
    return this.deps.db.system(async (tx) => {
      const expired = await store.expireLeases(tx);
      await notifyAll(
        tx,
        expired.map((row) => ({
          event: 'offline',
          tenantId: row.tenant_id,
          agentId: row.id,
          epoch: Number(row.epoch),
          replicaId: null,
        })),
      );
      return expired.length;
    });
  }

  /** Waits until what ended is written down. */
  async settled(): Promise<void> {
    while (!this.releases.isIdle) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  private async claimAll(claims: readonly Claim[]): Promise<(Claimed | undefined)[]> {
    const { options, db } = this.deps;
    const rows = await db.system(async (tx) => {
      const claimed = await store.claimSessions(tx, options.replicaId, claims);
      const byId = new Map(claimed.map((row) => [row.id, row]));
      for (const { agent_id, ...device } of await store.ownDevices(tx, claims)) {
        const row = byId.get(agent_id);
        if (row) (row.devices ??= []).push(device);
      }
      const notices: AgentNotice[] = [];
      for (const { tenantId, agentId } of claims) {
        const row = byId.get(agentId);
        if (!row) continue;
        notices.push({ event: 'connected', tenantId, agentId, epoch: Number(row.epoch), replicaId: options.replicaId });
        if (row.clone_alarm) {
          const subject = { type: 'agent', id: agentId };
          await tx.record(tenantId, 'agent gateway', 'agent.clone_suspected', subject, { hostname: row.hostname });
        }
      }
      await notifyAll(tx, notices);
      return byId;
    });
    return claims.map((claim) => rows.get(claim.agentId));
  }

  private async releaseAll(ended: readonly Ended[]): Promise<void[]> {
    await this.deps.db.system(async (tx) => {
      const released = new Set(
        (await store.releaseSessions(tx, this.deps.options.replicaId, ended)).map((row) => row.id),
      );
      const gone = ended.filter((one) => released.has(one.agentId));
      await notifyAll(
        tx,
        gone.map(({ tenantId, agentId, epoch }) => ({
          event: 'disconnected',
          tenantId,
          agentId,
          epoch,
          replicaId: null,
        })),
      );
    });
    return ended.map(() => undefined);
  }

  private async renew(pulses: readonly Pulse[]): Promise<void> {
    const alive = await this.deps.db.system((tx) => store.renewLeases(tx, this.deps.options.replicaId, pulses));
    const ids = new Set(alive.map((row) => row.id));
    const lost = pulses.filter((pulse) => !ids.has(pulse.agentId));
    if (lost.length === 0) return;
    const standing = await this.deps.db.system((tx) =>
      store.sessionStanding(
        tx,
        lost.map((pulse) => pulse.agentId),
      ),
    );
    const byId = new Map(standing.map((row) => [row.id, row]));
    for (const pulse of lost) {
      const session = this.open.get(pulse.agentId);
      if (session?.epoch !== pulse.epoch) continue;
      session.end(byId.get(pulse.agentId)?.status === 'enrolled' ? superseded() : revoked());
    }
  }

  private async endRevoked(): Promise<void> {
    const ended = await this.deps.db.system((tx) => store.recentlyRevoked(tx));
    for (const { agent_ids, tenant_ids } of ended) {
      for (const id of agent_ids) this.open.get(id)?.end(revoked());
      if (tenant_ids.length === 0) continue;
      const suspended = new Set(tenant_ids);
      for (const session of [...this.open.values()]) {
        if (suspended.has(session.agent.tenantId)) {
          session.end(new CallError(status.PERMISSION_DENIED, 'this tenant is suspended'));
        }
      }
    }
  }
}

const tooMany = (what: string, most: number) =>
  new CallError(status.RESOURCE_EXHAUSTED, `${what}, at most ${most} are accepted`, 30_000);

function count(counts: Map<string, number>, key: string, by: number): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next > 0) counts.set(key, next);
  else counts.delete(key);
}

async function notifyAll(tx: SystemTx, notices: readonly AgentNotice[]): Promise<void> {
  if (notices.length === 0) return;
  await tx.rows(`SELECT pg_notify($1, n) FROM unnest($2::text[]) n`, [AGENTS_CHANNEL, notices.map(formatAgentNotice)]);
}
