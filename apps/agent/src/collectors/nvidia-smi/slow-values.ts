import { metricId } from '@flotilla/domain';
import type { GpuProcessFacts, Reading } from '../collector.js';
import type { GpuCensus } from './census.js';
import { processOwner } from './process-owner.js';
import { memoryShare } from './reading.js';
import type { SnapshotGpu, SnapshotMig } from './snapshot.js';

/** What only the snapshot has of a GPU: PCIe throughput over the 20 ms before it. */
export const pcieValues = (gpu: SnapshotGpu): Map<number, Reading> =>
  new Map<number, Reading>([
    [metricId('pcie_rx'), gpu.pcieRxKbps ?? 'unsupported'],
    [metricId('pcie_tx'), gpu.pcieTxKbps ?? 'unsupported'],
  ]);

/** A MIG instance's values. Its utilisation is not to be had from nvidia-smi, which is not the same as idle. */
export function migValues(mig: SnapshotMig): Map<number, Reading> {
  const used = mig.memoryUsedMib ?? 'unsupported';
  const total = mig.memoryTotalMib ?? 'unsupported';
  return new Map<number, Reading>([
    [metricId('memory_used_mib'), used],
    [metricId('memory_total_mib'), total],
    [metricId('memory_utilization'), memoryShare(used, total)],
    [metricId('gpu_utilization'), 'unsupported'],
  ]);
}

/** The processes of all GPUs; null where the driver does not let us see those of one: that is not "none". */
export async function processFacts(
  gpus: readonly SnapshotGpu[],
  census: GpuCensus,
  ownerOf: typeof processOwner = processOwner,
): Promise<GpuProcessFacts[] | null> {
  if (gpus.some((gpu) => gpu.processes === null)) return null;
  const list = gpus.flatMap((gpu) =>
    (gpu.processes ?? []).map(async (p): Promise<GpuProcessFacts> => {
      const user = await ownerOf(p.pid, p.name);
      const inside =
        p.gpuInstance === undefined ? undefined : census.migDevice(gpu.uuid, p.gpuInstance, p.computeInstance);
      return {
        device: inside ?? gpu.uuid,
        pid: p.pid,
        name: p.name,
        type: p.type,
        ...(p.usedMemoryMib === undefined ? {} : { usedMemoryMib: p.usedMemoryMib }),
        ...(user === undefined ? {} : { user }),
      };
    }),
  );
  return Promise.all(list);
}
