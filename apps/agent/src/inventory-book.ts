import { createHash } from 'node:crypto';
import type { InventoryInput } from '@flotilla/contracts/agent';
import type { Absence, DeviceFacts, InstanceFacts, Reading } from './collectors/collector.js';
import type { HealthJudge } from './health/device-health.js';

/** What the collectors know of the machine, united, with a hash that tells whether it changed. */
export class InventoryBook {
  private readonly devices = new Map<string, readonly DeviceFacts[]>();
  private readonly absences = new Map<string, Map<number, Absence>>();
  /** Whose word on the health of a device counts more than its collector's; null: nobody's. */
  judge: HealthJudge | null = null;
  private instance: InstanceFacts | null = null;
  private made: { hash: string; inventory: InventoryInput } | null = null;

  /** Replaces what this collector said before. */
  replace(collector: string, devices: readonly DeviceFacts[], instance: InstanceFacts | undefined): void {
    this.devices.set(collector, devices);
    if (instance) this.instance = instance;
    this.made = null;
  }

  /** Remembers why a device has no value for a metric, and forgets it when it has one again. */
  readings(device: string, readings: ReadonlyMap<number, Reading>): void {
    let known = this.absences.get(device);
    for (const [metric, reading] of readings) {
      if (typeof reading === 'number') {
        if (known?.delete(metric)) this.made = null;
      } else if (known?.get(metric) !== reading) {
        if (!known) this.absences.set(device, (known = new Map()));
        known.set(metric, reading);
        this.made = null;
      }
    }
  }

  /** The judge says something else. */
  healthChanged(): void {
    this.made = null;
  }

  get instanceFacts(): InstanceFacts | null {
    return this.instance;
  }

  /** GPUs and MIG instances that the driver lists now. */
  get presentGpus(): DeviceFacts[] {
    return [...this.devices.values()].flat().filter(({ kind, presence }) => kind !== 'host' && presence === 'present');
  }

  /** The driver's index of a GPU; undefined when nobody knows it. */
  indexOf(uuid: string): number | undefined {
    for (const devices of this.devices.values()) {
      const found = devices.find((device) => device.uuid === uuid);
      if (found) return found.index;
    }
    return undefined;
  }

  /** null while nobody has said which machine this is. */
  current(): { hash: string; inventory: InventoryInput } | null {
    if (!this.instance) return null;
    if (this.made) return this.made;
    const devices = [...this.devices.values()].flat().map((device) => ({
      ...device,
      nvlinks: [...(device.nvlinks ?? [])],
      vgpus: [...(device.vgpus ?? [])],
      ...(device.kind === 'host' ? null : this.judge?.of(device.uuid, device.parentUuid)),
      absences: Object.fromEntries([...(this.absences.get(device.uuid) ?? [])].sort(([a], [b]) => a - b)),
    }));
    const instanceJson = Buffer.from(JSON.stringify(this.instance));
    const hash = createHash('sha256').update(instanceJson).update(JSON.stringify(devices)).digest('hex').slice(0, 32);
    this.made = { hash, inventory: { hash, instanceJson, devices } };
    return this.made;
  }
}
