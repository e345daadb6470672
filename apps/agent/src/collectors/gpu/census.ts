import type { DeviceFacts } from '../collector.js';
import { busKey, migKey } from './bus-key.js';
import type { Health } from './first-look.js';
import type { KnownGpu } from './known-gpus.js';
import { compact } from './compact.js';
import { FORGET_AFTER_MS } from './known-gpus.js';
import type { GpuDetail, GpuInventory, MigDetail } from './shape.js';

interface Entry {
  facts: KnownGpu;
  /** Complete listings in a row that lacked it. */
  missed: number;
  seenInThisRun: boolean;
  missing: boolean;
  isNew: boolean;
  health: Health;
  recoveryAction: string | undefined;
  detail: Pick<GpuDetail, 'attributes' | 'nvlinks' | 'vgpus'> | null;
  mig: readonly (MigDetail & { readonly key: string })[];
}

export interface Change {
  readonly lost: readonly KnownGpu[];
  readonly appeared: readonly KnownGpu[];
}

/** A GPU seen in this run may be left out of one listing by a driver that is busy; two make it missing. */
const MISSED_LISTINGS = 2;
const UNKNOWN: Health = { health: 'unknown', reason: '' };
const blank = {
  missed: 0,
  seenInThisRun: false,
  missing: false,
  isNew: false,
  health: UNKNOWN,
  recoveryAction: undefined,
  detail: null,
  mig: [],
};

/**
 * Which GPUs this host has, had and misses, by uuid: names and indices are no identity, and the index moves when a GPU
 * drops out.
 */
export class GpuCensus {
  private readonly entries = new Map<string, Entry>();
  private changed = true;
  /** From the second listing, or from the first where GPUs were known from before, a new GPU is news. */
  private settled: boolean;

  constructor(known: readonly KnownGpu[]) {
    this.settled = known.length > 0;
    for (const facts of known) {
      this.entries.set(facts.uuid, { ...blank, facts });
    }
  }

  /** Whether `devices` may say something else than at the last call of this. Made cheap: it is asked at every interval. */
  takeChanged(): boolean {
    const { changed } = this;
    this.changed = false;
    return changed;
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

  /** Takes in what a reading says of one GPU; what it does not say stays as it was. */
  saw(facts: Partial<KnownGpu> & { uuid: string; lastSeenMs: number }, health?: Health, recoveryAction?: string): void {
    let entry = this.entries.get(facts.uuid);
    if (!entry) {
      this.entries.set(facts.uuid, (entry = { ...blank, facts, isNew: true }));
      this.changed = true;
    } else {
      this.changed ||= differs(entry.facts, facts);
      entry.facts = { ...entry.facts, ...facts };
    }
    if (health) {
      this.changed ||= differs(entry.health, health);
      entry.health = health;
    }
    if (recoveryAction !== undefined) {
      this.changed ||= entry.recoveryAction !== recoveryAction;
      entry.recoveryAction = recoveryAction;
    }
  }

  /** A complete listing of the driver: who is in it is present, who was left out of enough of them is missing. */
  listed(uuids: ReadonlySet<string>, nowMs: number): Change {
    const lost: KnownGpu[] = [];
    const appeared: KnownGpu[] = [];
    for (const [uuid, entry] of this.entries) {
      if (uuids.has(uuid)) {
        if (entry.missing || (entry.isNew && this.settled)) appeared.push(entry.facts);
        this.changed ||= entry.missing || !entry.seenInThisRun;
        entry.isNew = false;
        entry.missed = 0;
        entry.missing = false;
        entry.seenInThisRun = true;
      } else {
        entry.missed += 1;
        if (!entry.missing && (entry.missed >= MISSED_LISTINGS || !entry.seenInThisRun)) {
          entry.missing = true;
          this.changed = true;
          lost.push(entry.facts);
        }
        if (nowMs - entry.facts.lastSeenMs > FORGET_AFTER_MS) {
          this.entries.delete(uuid);
          this.changed = true;
        }
      }
    }
    this.settled = true;
    return { lost, appeared };
  }

  /** The slow facts; MIG instances that are gone from it are gone. */
  detailed(inventory: GpuInventory, nowMs: number): void {
    const driverVersion = inventory.driverVersion;
    this.changed = true;
    for (const { uuid, facts, attributes, nvlinks, vgpus, mig, signals } of inventory.gpus) {
      const driver = driverVersion === undefined ? {} : { driverVersion };
      this.saw({ ...facts, ...driver, uuid, lastSeenMs: nowMs }, undefined, signals.recoveryAction);
      const entry = this.entries.get(uuid) as Entry;
      entry.detail = { attributes, nvlinks, vgpus };
      entry.mig = mig.map((m) => ({ ...m, key: m.uuid ?? migKey(uuid, m.gpuInstance, m.computeInstance) }));
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
      const health: Health = entry.missing
        ? { health: 'unhealthy', reason: 'The driver does not list this GPU any more.' }
        : entry.health;
      const shared = compact({
        driverVersion,
        pciBusId: busId,
        presence: entry.missing ? ('missing' as const) : ('present' as const),
        health: health.health,
        healthReason: health.reason || undefined,
      });
      const { attributes, nvlinks, vgpus } = entry.detail ?? {};
      const gpu: DeviceFacts = compact({
        kind: 'gpu' as const,
        uuid,
        // The index belongs to whoever is listed now; a missing GPU's old one may be another's by now.
        index: entry.missing ? undefined : index,
        model,
        memoryTotalMib,
        serial,
        migEnabled,
        ...shared,
        recoveryAction: entry.recoveryAction,
        attributes,
        nvlinks: nvlinks?.length ? nvlinks : undefined,
        vgpus: vgpus?.length ? vgpus : undefined,
      });
      const instances = entry.mig.map((m): DeviceFacts =>
        compact({
          kind: 'mig' as const,
          uuid: m.key,
          index: m.index,
          parentUuid: uuid,
          model: model === undefined || m.profile === undefined ? model : `${model} MIG ${m.profile}`,
          memoryTotalMib: m.memoryTotalMib,
          ...shared,
          migProfile: m.profile,
          gpuInstanceId: m.gpuInstance,
          computeInstanceId: m.computeInstance,
          attributes: m.attributes,
        }),
      );
      return [gpu, ...instances];
    });
  }
}

/** Whether any key of the newer object says something else; when a GPU was seen last is no news. */
function differs(known: object, newer: object): boolean {
  for (const [key, value] of Object.entries(newer)) {
    if (key !== 'lastSeenMs' && (known as Record<string, unknown>)[key] !== value) return true;
  }
  return false;
}
