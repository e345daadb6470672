import type { GpuSignals } from '../../collector.js';
import type { Handle, NvmlLibrary } from './library.js';
import { NVML } from './return-codes.js';

const STATES = ['N/A', 'Not Started', 'In Progress', 'Completed'] as const;
/** nvmlGpuFabricInfo_v2_t: version, 16 bytes of cluster uuid, status, clique, state, health mask. */
const V2 = (2 << 24) | 36;
const info = Buffer.alloc(64);

interface Fabric {
  readonly state: string;
  readonly status: string;
  readonly cliqueId: number;
  readonly clusterUuid: string;
}

/** The registration with Fabric Manager; null where the board has no fabric. */
function fabricOf(nvml: NvmlLibrary, device: Handle): Fabric | null {
  info.fill(0).writeUInt32LE(V2, 0);
  if (nvml.call('nvmlDeviceGetGpuFabricInfoV', device, info) !== NVML.success) return null;
  const state = info.readUInt8(28);
  if (state === 0) return null;
  const status = info.readUInt32LE(20);
  const hex = info.toString('hex', 4, 20);
  return {
    state: STATES[state] ?? `State ${state}`,
    status: status === NVML.success ? 'Success' : `Error ${status}`,
    cliqueId: info.readUInt32LE(24),
    clusterUuid: [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-'),
  };
}

export function fabricAttributes(nvml: NvmlLibrary, device: Handle): Record<string, string> {
  const fabric = fabricOf(nvml, device);
  if (!fabric) return {};
  return {
    fabric_state: fabric.state,
    // the status means something only after the registration is over
    ...(fabric.state === 'Completed' ? { fabric_status: fabric.status } : {}),
    fabric_clique_id: String(fabric.cliqueId),
    fabric_cluster_uuid: fabric.clusterUuid,
  };
}

export function fabricSignals(nvml: NvmlLibrary, device: Handle): GpuSignals {
  const fabric = fabricOf(nvml, device);
  if (!fabric) return {};
  return {
    fabricState: fabric.state,
    ...(fabric.state === 'Completed' ? { fabricStatus: fabric.status } : {}),
  };
}
