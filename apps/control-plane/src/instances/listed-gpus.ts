import type { GpuElement } from '@flotilla/contracts';
import type { InventoryDevice } from './inventory.js';

/** A GPU of an `instances` element of POST /sync, as an inventory lists it. */
export function listedGpu(gpu: GpuElement): InventoryDevice {
  return {
    kind: gpu.kind,
    uuid: gpu.uuid,
    gpuIndex: gpu.index ?? null,
    parentUuid: gpu.parent_uuid ?? null,
    model: gpu.model ?? null,
    memoryTotalMib: gpu.memory_total_mib ?? null,
    driverVersion: gpu.driver_version ?? null,
    pciBusId: gpu.pci_bus_id ?? null,
    serial: gpu.serial ?? null,
    migEnabled: gpu.mig_enabled ?? null,
    absences: {},
    presence: gpu.presence,
    health: gpu.health,
    healthReason: gpu.health_reason ?? null,
    healthEvidence: gpu.health_evidence ?? null,
    advisedAction: gpu.advised_action,
    healthSince: gpu.health_since === undefined ? null : dateOf(gpu.health_since),
    healthEpisodes: gpu.episodes.map((episode) => ({
      ...episode,
      first_seen: dateOf(episode.first_seen),
      last_seen: dateOf(episode.last_seen),
    })),
    details: {},
  };
}

/** ISO 8601, or Unix seconds. */
const dateOf = (moment: string | number): Date => new Date(typeof moment === 'number' ? moment * 1000 : moment);
