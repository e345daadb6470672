import { busPlace } from '@flotilla/domain';
import type { DeviceFacts } from '../collectors/collector.js';

/** Which GPUs there are and where on the bus, as the collectors list them and the kernel log mentions them. */
export class GpuPlaces {
  private readonly lists = new Map<string, readonly DeviceFacts[]>();
  private readonly byPlace: Map<string, string>;

  /** @param remembered place → uuid, as an earlier run knew it */
  constructor(remembered: Readonly<Record<string, string>>) {
    this.byPlace = new Map(Object.entries(remembered));
  }

  /** True once a collector has listed what it knows; before, a board may have been moved to another slot. */
  get isListed(): boolean {
    return this.lists.size > 0;
  }

  get remembered(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.byPlace);
  }

  get gpus(): DeviceFacts[] {
    return [...this.lists.values()].flat().filter(({ kind }) => kind === 'gpu');
  }

  /** Replaces what this collector listed before. */
  list(collector: string, devices: readonly DeviceFacts[]): void {
    // a collector that has no GPUs has nothing to say here
    if (!devices.some(({ kind }) => kind === 'gpu') && !this.lists.has(collector)) return;
    this.lists.set(collector, devices);
    for (const { kind, uuid, pciBusId } of devices) {
      if (kind === 'gpu' && pciBusId !== undefined) this.byPlace.set(busPlace(pciBusId), uuid);
    }
  }

  /** The kernel's own word for a place, for GPUs that nobody lists (any more). */
  mention(busId: string, uuid: string): void {
    const place = busPlace(busId);
    if (!this.byPlace.has(place)) this.byPlace.set(place, uuid);
  }

  at(busId: string): string | undefined {
    return this.byPlace.get(busPlace(busId));
  }
}
