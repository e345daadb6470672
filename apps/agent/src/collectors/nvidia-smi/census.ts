import type { DeviceFacts } from '../collector.js';
import type { Health } from './reading.js';
import type { KnownGpu } from './known-gpus.js';
import { FORGET_AFTER_MS } from './known-gpus.js';
import { migKey } from './mig-list.js';
import { busKey } from './rows.js';
import type { Snapshot, SnapshotMig } from './snapshot.js';

interface Entry {
  facts: KnownGpu;
  /** Complete listings in a row that lacked it. */
  missed: number;
  seenInThisRun: boolean;
  missing: boolean;
  isNew: boolean;
  health: Health;
  mig: readonly (SnapshotMig & { readonly key: string; readonly profile?: string })[];
}

export interface Change {
  readonly lost: readonly KnownGpu[];
  readonly appeared: readonly KnownGpu[];
}

/** A GPU seen in this run may be left out of one listing by a driver that is busy; two make it missing. */
const MISSED_LISTINGS = 2;
const UNKNOWN: Health = { health: 'unknown', reason: '' };
const blank = { missed: 0, seenInThisRun: false, missing: false, isNew: false, health: UNKNOWN, mig: [] };

/**
 * Which GPUs this host has, had and misses, by uuid: names and indices are no identity, and the index moves when a GPU
 * drops out.
 */
export class GpuCensus {
  private readonly entries = new Map<string, Entry>();
  /** From the second listing, or from the first where GPUs were known from before, a new GPU is news. */
  private settled: boolean;

  constructor(known: readonly KnownGpu[]) {
    this.settled = known.length > 0;
    for (const facts of known) {
      this.entries.set(facts.uuid, { ...blank, facts });
    }
  }

  get known(): KnownGpu[] {
    return [...this.entries.values()].map((e) => e.facts);
  }

  get missing(): KnownGpu[] {
    return [...this.entries.values()].filter((e) => e.missing).map((e) => e.facts);
  }

  get present(): KnownGpu[] {
    return [...this.entries.values()].filter((e) => e.seenInThisRun && !e.missing).map((e) => e.facts);
  }

  /** The GPU at a place on the bus, as error lines name it. */
  atBus(busId: string): KnownGpu | undefined {
    return this.known.find((g) => g.busId !== undefined && busKey(g.busId) === busKey(busId));
  }

  /** Takes in what a row or a snapshot says of one GPU; what it does not say stays as it was. */
  saw(facts: Partial<KnownGpu> & { uuid: string; lastSeenMs: number }, health?: Health): void {
    const entry = this.entries.get(facts.uuid);
    if (entry) {
      entry.facts = { ...entry.facts, ...facts };
      if (health) entry.health = health;
    } else {
      this.entries.set(facts.uuid, { ...blank, facts, isNew: true, health: health ?? UNKNOWN });
    }
  }

  /** A complete listing of the driver: who is in it is present, who was left out of enough of them is missing. */
  listed(uuids: ReadonlySet<string>, nowMs: number): Change {
    const lost: KnownGpu[] = [];
    const appeared: KnownGpu[] = [];
    for (const [uuid, entry] of this.entries) {
      if (uuids.has(uuid)) {
        if (entry.missing || (entry.isNew && this.settled)) appeared.push(entry.facts);
        entry.isNew = false;
        entry.missed = 0;
        entry.missing = false;
        entry.seenInThisRun = true;
      } else {
        entry.missed += 1;
        if (!entry.missing && (entry.missed >= MISSED_LISTINGS || !entry.seenInThisRun)) {
          entry.missing = true;
          lost.push(entry.facts);
        }
        if (nowMs - entry.facts.lastSeenMs > FORGET_AFTER_MS) this.entries.delete(uuid);
      }
    }
    this.settled = true;
    return { lost, appeared };
  }

  /** The slow facts; MIG instances that are gone from it are gone. */
  applySnapshot(
    snapshot: Snapshot,
    migUuids: ReadonlyMap<string, ReadonlyMap<number, { uuid: string; profile: string }>>,
    nowMs: number,
  ): void {
    for (const gpu of snapshot.gpus) {
      const { uuid, busId, model, serial, memoryTotalMib, migEnabled } = gpu;
      this.saw({
        uuid,
        lastSeenMs: nowMs,
        ...(busId ? { busId } : {}),
        ...(model === undefined ? {} : { model }),
        ...(serial === undefined ? {} : { serial }),
        ...(memoryTotalMib === undefined ? {} : { memoryTotalMib }),
        ...(migEnabled === undefined ? {} : { migEnabled }),
        ...(snapshot.driverVersion === undefined ? {} : { driverVersion: snapshot.driverVersion }),
      });
      const entry = this.entries.get(uuid) as Entry;
      entry.mig = gpu.mig.map((m) => {
        const listed = migUuids.get(uuid)?.get(m.index);
        const key = m.uuid ?? listed?.uuid ?? migKey(uuid, m.gpuInstance, m.computeInstance);
        return { ...m, key, ...(listed ? { profile: listed.profile } : {}) };
      });
    }
  }

  /** The device key of a MIG instance of a GPU, by its gpu instance id (and compute instance id where several share one). */
  migDevice(gpuUuid: string, gpuInstance: number, computeInstance?: number): string | undefined {
    const inside = this.entries.get(gpuUuid)?.mig.filter((m) => m.gpuInstance === gpuInstance) ?? [];
    return (inside.find((m) => m.computeInstance === computeInstance) ?? inside[0])?.key;
  }

  /** Everything, for the inventory: GPUs in the order of their index, each followed by its MIG instances. */
  devices(): DeviceFacts[] {
    const entries = [...this.entries.values()].filter((e) => e.seenInThisRun || e.missing);
    entries.sort((a, b) => (a.facts.index ?? 1e9) - (b.facts.index ?? 1e9) || (a.facts.uuid < b.facts.uuid ? -1 : 1));
    return entries.flatMap((entry) => {
      const { uuid, index, busId, model, serial, memoryTotalMib, driverVersion, migEnabled } = entry.facts;
      const shared = {
        ...(driverVersion === undefined ? {} : { driverVersion }),
        ...(busId === undefined ? {} : { pciBusId: busId }),
        presence: entry.missing ? ('missing' as const) : ('present' as const),
      };
      const health: Health = entry.missing
        ? { health: 'unhealthy', reason: 'The driver does not list this GPU any more.' }
        : entry.health;
      const gpu: DeviceFacts = {
        kind: 'gpu',
        uuid,
        // The index belongs to whoever is listed now; a missing GPU's old one may be another's by now.
        ...(index === undefined || entry.missing ? {} : { index }),
        ...(model === undefined ? {} : { model }),
        ...(memoryTotalMib === undefined ? {} : { memoryTotalMib }),
        ...(serial === undefined ? {} : { serial }),
        ...(migEnabled === undefined ? {} : { migEnabled }),
        ...shared,
        health: health.health,
        ...(health.reason ? { healthReason: health.reason } : {}),
      };
      const instances = entry.mig.map((m): DeviceFacts => ({
        kind: 'mig',
        uuid: m.key,
        index: m.index,
        parentUuid: uuid,
        ...(model === undefined ? {} : { model: m.profile === undefined ? model : `${model} MIG ${m.profile}` }),
        ...(m.memoryTotalMib === undefined ? {} : { memoryTotalMib: m.memoryTotalMib }),
        ...shared,
        health: health.health,
        ...(health.reason ? { healthReason: health.reason } : {}),
      }));
      return [gpu, ...instances];
    });
  }
}
