import type { AgentRef } from '@flotilla/domain';
import { systemActor } from '@flotilla/persistence';
import type { Db } from '@flotilla/persistence';
import { FLEET_CHANGES_CHANNEL } from '../../actions/index.js';
import { RefusedByRegistry } from '../../instances/index.js';
import type { DeviceRegistry, InstanceRegistry } from '../../instances/index.js';
import type { MetricsIngest, MinuteOfDevice, UnreadableEntry } from '../../metrics/index.js';
import type { SyncSections } from '../../sync/index.js';
import type { ReadEntry } from './entries.js';
import type { Gate } from './gate.js';
import { insertEvents } from './sessions.store.js';

/** After a day without a network nobody wants to watch all that an agent has to tell. */
const MOST_SHOWN = 20;

export interface StoringDeps {
  readonly db: Pick<Db, 'write'>;
  readonly ingest: MetricsIngest;
  readonly instances: InstanceRegistry;
  readonly devices: DeviceRegistry;
  readonly sections: SyncSections;
  /** Bounds what looks up instances and devices, for all streams together. */
  readonly lookups: Gate;
}

/** Whose entries these are, and what its stream remembers. */
export interface StoringTarget {
  readonly agent: AgentRef;
  readonly walEpoch: number;
  /** Device ids by "<instance id>\n<device>"; emptied when an inventory arrives. */
  readonly deviceIds: Map<string, number>;
  readonly spoolOldestSeq: number | undefined;
}

export interface EntryRange {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Those of the range that were not stored before, in order. */
  readonly entries: readonly ReadEntry[];
}

export interface StoredRange {
  readonly throughSeq: number;
  readonly rejected: readonly { readonly seq: number; readonly reason: string }[];
  readonly futureSamples: number;
  readonly newestMinuteS: number | null;
  readonly warning: string | null;
}

/** Minutes of the agent's own machine came before its inventory: they wait for it. */
export class InventoryMissingError extends Error {}

/**
 * Stores a range of a spool whole: what can never be stored is in `rejected`, what could not be stored now throws and
 * may be tried again. Safe to repeat at every point: records and events have keys of their own, and the ledger row,
 * which makes the range stored, is written last.
 */
export async function storeEntries(deps: StoringDeps, target: StoringTarget, range: EntryRange): Promise<StoredRange> {
  const rejected = range.entries.filter((entry) => entry.kind === 'rejected');
  const unreadable: UnreadableEntry[] = rejected.map(({ seq, reason, payload }) => ({ seq, reason, payload }));
  const reasons = rejected.map(({ seq, reason }) => ({ seq, reason }));

  reasons.push(...(await storeRecords(deps, target.agent, range.entries)));
  const minutes: (MinuteOfDevice & { readonly seq: number })[] = [];
  let warning: string | null = null;
  let newestMinuteS: number | null = null;
  for (const entry of range.entries) {
    if (entry.kind !== 'minute') continue;
    warning ??= entry.warning;
    try {
      const deviceId = await deviceIdOf(deps, target, entry.instanceId, entry.device);
      minutes.push({ deviceId, minute: entry.minute, seq: entry.seq });
      newestMinuteS = Math.max(newestMinuteS ?? 0, entry.minute.minuteS);
    } catch (error) {
      if (!(error instanceof RefusedByRegistry)) throw error;
      unreadable.push({ seq: entry.seq, reason: error.message });
      reasons.push({ seq: entry.seq, reason: error.message });
    }
  }
  const events = range.entries.filter((entry) => entry.kind === 'event').map((entry) => entry.event);
  if (events.length > 0) {
    await deps.db.write(systemActor(target.agent.tenantId, 'agent gateway'), async (tx) => {
      tx.withoutAudit('what an agent reports is no command of anybody');
      await insertEvents(tx, target.agent, target.walEpoch, events);
      for (const { seq } of events.slice(-MOST_SHOWN)) {
        const id = `${target.agent.agentId}:${target.walEpoch}:${seq}`;
        await tx.notify(FLEET_CHANGES_CHANNEL, JSON.stringify({ tenant_id: target.agent.tenantId, kind: 'event', id }));
      }
    });
  }

  const outcome = await deps.ingest.storeBatch({
    ...target.agent,
    walEpoch: BigInt(target.walEpoch),
    firstSeq: range.firstSeq,
    lastSeq: range.lastSeq,
    minutes,
    ...(unreadable.length > 0 && { unreadable }),
    spoolOldestSeq: target.spoolOldestSeq,
  });
  for (const { seq, reason } of outcome.rejected) {
    if (seq !== null && !reasons.some((known) => known.seq === seq)) reasons.push({ seq, reason });
  }
  return {
    throughSeq: outcome.throughSeq,
    rejected: reasons.sort((a, b) => a.seq - b.seq),
    futureSamples: rejected.filter((entry) => entry.future).length,
    newestMinuteS,
    warning,
  };
}

/** The device's id; the agent's own instance when `instanceId` is empty. */
export async function deviceIdOf(
  deps: Pick<StoringDeps, 'instances' | 'devices' | 'lookups'>,
  target: Pick<StoringTarget, 'agent' | 'deviceIds'>,
  instanceId: string,
  device: string,
): Promise<number> {
  const key = `${instanceId}\n${device}`;
  return target.deviceIds.get(key) ?? deps.lookups.run(() => lookUp(deps, target, key, instanceId, device));
}

async function lookUp(
  deps: Pick<StoringDeps, 'instances' | 'devices'>,
  { agent, deviceIds }: Pick<StoringTarget, 'agent' | 'deviceIds'>,
  key: string,
  instanceId: string,
  device: string,
): Promise<number> {
  // the live lane and the minutes ask for the same device: who came second finds it here
  const known = deviceIds.get(key);
  if (known !== undefined) return known;
  const instance =
    instanceId === '' ? await deps.instances.own(agent) : await deps.instances.resolve(agent, instanceId);
  if (instance === null) throw new InventoryMissingError('the inventory of this machine has not arrived yet');
  const hints = device === 'host' ? { kind: 'host' as const } : {};
  const deviceId = await deps.devices.resolve(agent.tenantId, instance, device, hints);
  deviceIds.set(key, deviceId);
  return deviceId;
}

async function storeRecords(deps: StoringDeps, agent: AgentRef, entries: readonly ReadEntry[]) {
  const bySection = new Map<string, { seq: number; element: unknown }[]>();
  for (const entry of entries) {
    if (entry.kind !== 'record') continue;
    const elements = bySection.get(entry.section) ?? [];
    elements.push({ seq: entry.seq, element: entry.element });
    bySection.set(entry.section, elements);
  }
  const rejected: { seq: number; reason: string }[] = [];
  for (const [section, elements] of bySection) {
    const outcome = await deps.sections.store(
      agent,
      section,
      elements.map(({ element }) => element),
    );
    if (outcome.error !== undefined) {
      for (const { seq } of elements) rejected.push({ seq, reason: `${section}: ${outcome.error}` });
      continue;
    }
    for (const { index, error } of outcome.rejected) {
      const seq = elements[index]?.seq;
      if (seq !== undefined) rejected.push({ seq, reason: `${section}: ${error}` });
    }
  }
  return rejected;
}
