import type { GpuInventory } from '../gpu/shape.js';

export type MigList = ReadonlyMap<string, ReadonlyMap<number, { uuid: string; profile: string }>>;

/**
 * MIG uuids as `nvidia-smi -L` prints them (the XML of drivers before 600 has none), by parent uuid and device number:
 *
 *     GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5b…)
 *       MIG 1g.5gb      Device  0: (UUID: MIG-c6d4…)
 */
export function parseMigList(output: string): MigList {
  const byParent = new Map<string, Map<number, { uuid: string; profile: string }>>();
  let parent: Map<number, { uuid: string; profile: string }> | undefined;
  for (const line of output.split(/\r?\n/)) {
    const gpu = /^GPU \d+: .*\(UUID: (GPU-[^)]+)\)\s*$/.exec(line);
    if (gpu) {
      parent = new Map();
      byParent.set(gpu[1] as string, parent);
      continue;
    }
    const mig = /^\s+MIG (\S+)\s+Device\s+(\d+): \(UUID: (MIG-[^)]+)\)\s*$/.exec(line);
    if (mig) parent?.set(Number(mig[2]), { profile: mig[1] as string, uuid: mig[3] as string });
  }
  return byParent;
}

/** The inventory with what the list knows of its MIG instances. */
export function withMigList(inventory: GpuInventory, listed: MigList): GpuInventory {
  if (listed.size === 0) return inventory;
  const gpus = inventory.gpus.map((gpu) => ({
    ...gpu,
    mig: gpu.mig.map((mig) => ({ ...listed.get(gpu.uuid)?.get(mig.index), ...mig })),
  }));
  return { ...inventory, gpus };
}
