import { randomBytes, randomUUID } from 'node:crypto';
import { Log } from '../../apps/control-plane/src/platform/index.js';
import type { Config } from '../../apps/control-plane/src/platform/index.js';
import { ActionDispatch, AgentActors, Controllers } from '../../apps/control-plane/src/actions/index.js';
import { DEFAULT_OPTIONS, Gateway } from '../../apps/control-plane/src/agent-gateway/index.js';
import type { GatewayOptions, GatewayParts } from '../../apps/control-plane/src/agent-gateway/index.js';
import {
  loadOrCreateAuthority,
  ServerIdentity,
  serverNames,
} from '../../apps/control-plane/src/agent-gateway/pki/index.js';
import type { CertificateAuthority } from '../../apps/control-plane/src/agent-gateway/pki/index.js';
import { EnrollmentTokens, EnrollmentTrust } from '../../apps/control-plane/src/agents/index.js';
import {
  DeviceRegistry,
  GpuHealthService,
  GpuProcesses,
  InstanceRegistry,
} from '../../apps/control-plane/src/instances/index.js';
import { LiveStore, MetricsIngest } from '../../apps/control-plane/src/metrics/index.js';
import { SyncSections } from '../../apps/control-plane/src/sync/index.js';
import type { SectionOutcome } from '../../apps/control-plane/src/sync/index.js';
import type { AgentRef } from '@flotilla/domain';
import type { Db } from '@flotilla/persistence';

export const TEST_MASTER_KEY = Buffer.alloc(32, 3);

/** Keeps what it is given: sections have tests of their own. */
export class KeptSections extends (SyncSections as unknown as new () => object) {
  readonly stored: { agent: AgentRef; section: string; elements: readonly unknown[] }[] = [];

  async store(agent: AgentRef, section: string, elements: readonly unknown[]): Promise<SectionOutcome> {
    if (section !== 'errors') {
      return { accepted: 0, duplicates: 0, rejected: [], error: `the section ${section} is not supported` };
    }
    this.stored.push({ agent, section, elements });
    const rejected = elements.flatMap((element, index) =>
      (element as { message?: string }).message === undefined ? [{ index, error: 'message is missing' }] : [],
    );
    return { accepted: elements.length - rejected.length, duplicates: 0, rejected };
  }
}

export interface TestGateway {
  readonly gateway: Gateway;
  readonly authority: CertificateAuthority;
  readonly address: string;
  readonly sections: KeptSections;
  readonly tokens: EnrollmentTokens;
  readonly actions: ActionDispatch;
  readonly options: GatewayOptions;
  stop(): Promise<void>;
}

/** The gateway on a random port over TLS, with the real rooms beneath it on `db`. */
export async function startTestGateway(
  db: Db,
  changes: { options?: Partial<GatewayOptions>; parts?: Partial<GatewayParts>; log?: (line: string) => void } = {},
): Promise<TestGateway> {
  const log = Log.to({ write: changes.log ?? (() => undefined) }, 'info');
  const authority = await loadOrCreateAuthority(db, TEST_MASTER_KEY);
  const identity = new ServerIdentity(authority, serverNames('127.0.0.1', null), null);
  const actors = new AgentActors(db);
  const controllers = new Controllers(db, actors);
  const instances = new InstanceRegistry(db, controllers);
  const live = new LiveStore(db);
  const sections = new KeptSections();
  const actions = new ActionDispatch(db, actors);
  const options: GatewayOptions = { ...DEFAULT_OPTIONS, replicaId: randomUUID(), ...changes.options };
  const gateway = new Gateway({
    db,
    log,
    authority,
    identity,
    ingest: new MetricsIngest(db, live),
    instances,
    devices: new DeviceRegistry(db, actors, controllers, instances),
    sections: sections as unknown as SyncSections,
    actions,
    controllers,
    processes: new GpuProcesses(db),
    health: new GpuHealthService(db),
    options,
    ...changes.parts,
  });
  await gateway.start('127.0.0.1', 0);
  const trust = new (class extends EnrollmentTrust {
    override caSha256 = () => authority.sha256;
    override port = () => gateway.port;
  })();
  const tokens = new EnrollmentTokens(db, trust, { bind: '127.0.0.1', publicUrl: null } as unknown as Config);
  let stopped: Promise<void> | undefined;
  return {
    gateway,
    authority,
    address: `localhost:${gateway.port}`,
    sections,
    tokens,
    actions,
    options,
    stop: () => (stopped ??= gateway.stop()),
  };
}

/** A replica that dies: no drain, no farewell, its leases stay. */
export async function killTestGateway(gateway: Gateway): Promise<void> {
  const inner = gateway as unknown as {
    timers: NodeJS.Timeout[];
    unlisten: (() => void)[];
    dispatcher: { stop(): void };
    hub: { releases: { run: () => Promise<void> } };
    listener: { cut(): void };
  };
  for (const timer of inner.timers) clearInterval(timer);
  for (const unlisten of inner.unlisten) unlisten();
  inner.dispatcher.stop();
  inner.hub.releases.run = () => Promise.resolve();
  inner.listener.cut();
}

export const randomWalEpoch = (): number => randomBytes(6).readUIntBE(0, 6) + 1;
