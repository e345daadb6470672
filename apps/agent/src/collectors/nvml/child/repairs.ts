import type { GpuSignals } from '../../collector.js';
import type { Handle, NvmlLibrary } from './library.js';
import { NVML } from './return-codes.js';

const out = Buffer.alloc(128);
/** nvmlEccSramErrorStatus_v1_t: version, eleven counts of 64 bits, the flag; 104 bytes. */
const SRAM_V1 = (1 << 24) | 104;
const SRAM_FLAG_AT = 96;
/** nvmlRepairStatus_v1_t: version, channel, TPC. */
const REPAIR_V1 = (1 << 24) | 12;

/** What waits for a reset or is beyond repair; a key is absent where the board or the driver does not know. */
export function repairSignals(nvml: NvmlLibrary, device: Handle): GpuSignals {
  return { ...sram(nvml, device), ...repair(nvml, device), ...unrepairable(nvml, device) };
}

function sram(nvml: NvmlLibrary, device: Handle): GpuSignals {
  out.fill(0).writeUInt32LE(SRAM_V1, 0);
  if (nvml.call('nvmlDeviceGetSramEccErrorStatus', device, out) !== NVML.success) return {};
  return { sramThresholdExceeded: out.readUInt32LE(SRAM_FLAG_AT) !== 0 };
}

function repair(nvml: NvmlLibrary, device: Handle): GpuSignals {
  out.fill(0).writeUInt32LE(REPAIR_V1, 0);
  if (nvml.call('nvmlDeviceGetRepairStatus', device, out) !== NVML.success) return {};
  return { repairPending: out.readUInt32LE(4) !== 0 || out.readUInt32LE(8) !== 0 };
}

function unrepairable(nvml: NvmlLibrary, device: Handle): GpuSignals {
  // the one structure without a version: its number is in the function's name
  if (nvml.call('nvmlDeviceGetUnrepairableMemoryFlag_v1', device, out.fill(0)) !== NVML.success) return {};
  return { unrepairableMemory: out.readUInt32LE(0) !== 0 };
}
