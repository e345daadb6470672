import type { InventoryInput } from '@flotilla/contracts/agent';

/** The GPUs of an inventory as an `instances` element of POST /sync lists them; what is not known is left out. */
export function gpuElements(inventory: InventoryInput): object[] {
  return (inventory.devices ?? [])
    .filter(({ kind }) => kind !== 'host')
    .map((device) => ({
      uuid: device.uuid,
      kind: device.kind,
      presence: device.presence,
      ...(device.index == null ? {} : { index: device.index }),
      ...words({
        parent_uuid: device.parentUuid,
        model: device.model,
        driver_version: device.driverVersion,
        pci_bus_id: device.pciBusId,
        serial: device.serial,
        health: device.health,
        health_reason: device.healthReason,
        health_evidence: device.healthEvidence,
        advised_action: device.advisedAction,
      }),
      ...(device.memoryTotalMib == null ? {} : { memory_total_mib: Math.round(Number(device.memoryTotalMib)) }),
      ...(device.migEnabled == null ? {} : { mig_enabled: device.migEnabled }),
      ...(Number(device.healthSinceMs ?? 0) > 0 ? { health_since: iso(device.healthSinceMs) } : {}),
      episodes: (device.healthEpisodes ?? []).map(({ kind, code, faultClass, count, firstMs, lastMs }) => ({
        kind,
        code,
        class: faultClass,
        count: Number(count),
        first_seen: iso(firstMs),
        last_seen: iso(lastMs),
      })),
    }));
}

const iso = (ms: unknown): string => new Date(Number(ms)).toISOString();

/** At most what the control plane takes of each; an empty one is not told. */
const words = (facts: Record<string, string | undefined>): object =>
  Object.fromEntries(
    Object.entries(facts).flatMap(([name, text]) => (text ? [[name, text.slice(0, LONGEST[name])]] : [])),
  );

const LONGEST: Readonly<Record<string, number>> = {
  driver_version: 64,
  pci_bus_id: 64,
  health_reason: 500,
  health_evidence: 1_000,
};
