import { join } from 'node:path';
import type { MachineFactsInput, Welcome } from '@flotilla/contracts/agent';
import { IdentityFile } from '../enrolment/identity.js';
import { machineFacts } from '../enrolment/machine.js';
import { Trust } from '../enrolment/trust.js';
import type { ActionRunner } from '../executors/action-runner.js';
import { Session } from '../session/session.js';
import type { SessionHost } from '../session/session-host.js';
import { liveToWire } from '../session/wire.js';
import { SyncSession } from '../sync/sync-session.js';
import { AGENT_VERSION } from '../version.js';
import type { AgentContext } from './context.js';

const PROTOCOL = 1;
const CAPABILITIES = ['minutes', 'live', 'events', 'actions', 'query', 'drain', 'slow'];

/** The way to the control plane: the stream with its identity, or POST /sync. */
export type Way =
  | { readonly trust: Trust; readonly session: Session; readonly sync: null }
  | { readonly trust: null; readonly session: null; readonly sync: SyncSession };

/** What the way tells the agent. */
export interface WayEvents {
  /** Connected (an empty text), or the trouble in one sentence. */
  reached(trouble: string): void;
  /** The server asks for another interval between two samples. */
  interval(seconds: number): void;
}

/** @throws Error when the host's identity is there and cannot be read */
export function wireSession(context: AgentContext, runner: ActionRunner, events: WayEvents): Way {
  const { settings, clock, serverClock, log, spool, inventory } = context;
  const shared = { spool, clock, random: Math.random, log };
  if (settings.sync) {
    const reached = (trouble: string) => events.reached(trouble);
    const sync = new SyncSession({
      ...shared,
      ...settings.sync,
      runner,
      inventory,
      serverClock,
      rejections: context.rejections,
      onReached: reached,
    });
    return { trust: null, session: null, sync };
  }
  const machine = machineFacts(AGENT_VERSION, context.machine.fingerprint);
  const trust = new Trust({
    file: new IdentityFile(join(settings.stateDir, 'identity.json')),
    server: settings.server,
    token: settings.token,
    machine,
    nowMs: () => clock.nowMs(),
    log,
  });
  const host = sessionHost(context, runner, { trust, machine, events });
  const session = new Session({ ...shared, open: (linkEvents) => trust.open(linkEvents), host });
  return { trust, session, sync: null };
}

function sessionHost(
  context: AgentContext,
  runner: ActionRunner,
  { trust, machine, events }: { trust: Trust; machine: MachineFactsInput; events: WayEvents },
): SessionHost {
  const { settings, intake, inventory, spool, book, serverClock, log } = context;
  return {
    hello: () => ({
      agentId: trust.agentId,
      bootId: context.bootId,
      agentVersion: AGENT_VERSION,
      minProtocol: PROTOCOL,
      maxProtocol: PROTOCOL,
      capabilities: CAPABILITIES,
      controls: runner.controls.map((control) => ({
        ...control,
        verbs: [...control.verbs],
        instanceIds: [...control.instanceIds],
      })),
      intervalS: book.intervalS,
      inventoryHash: inventory.current()?.hash ?? '',
      machine,
    }),
    heartbeat: () => ({ spool: spool.status, collectors: intake.collectorStates }),
    inventory: () => {
      const made = inventory.current();
      return made && { hash: made.hash, message: { inventory: made.inventory } };
    },
    live: () => {
      const newest = book.takeChanged();
      const processes = intake.takeProcesses();
      return newest.length === 0 && !processes ? null : { live: liveToWire(newest, processes) };
    },
    welcomed: (welcome: Welcome, roundTripMs) => {
      serverClock.set(welcome.serverTimeMs, roundTripMs);
      const skewMs = Math.round(serverClock.skewMs());
      if (Math.abs(skewMs) > 30_000) {
        log.warn({ skew_ms: skewMs }, "this host's clock is wrong; samples are corrected");
      }
      trust.welcomed();
      events.reached('');
    },
    configured: (config) => events.interval(Number(config.intervalS ?? 0) || settings.intervalS),
    clearHealth: (device, by) => void inventory.judge?.clear(device, by),
    slow: (intervalS) => events.interval(Math.max(intervalS, settings.intervalS)),
    closed: async (verdict, wasLive) => {
      events.reached(verdict.sentence);
      await trust.closed(verdict, wasLive);
    },
    rejected: (entry, reason) => context.rejections.note(entry, reason),
    actions: runner,
  };
}
