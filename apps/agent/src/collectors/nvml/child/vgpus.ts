import type { VgpuFacts } from '../../collector.js';
import { cString, type Handle, type NvmlLibrary } from './library.js';
import { NVML } from './return-codes.js';

const MAX_VGPUS = 64;
const MIB = 1024 * 1024;
const count = Buffer.alloc(4);
const instances = Buffer.alloc(MAX_VGPUS * 4);
const text = Buffer.alloc(128);
const word = Buffer.alloc(8);

/** The virtual GPUs that a GPU carries, on the hypervisor's side; empty everywhere else. */
export function vgpusOf(nvml: NvmlLibrary, device: Handle): VgpuFacts[] {
  count.writeUInt32LE(MAX_VGPUS, 0);
  if (nvml.call('nvmlDeviceGetActiveVgpus', device, count, instances) !== NVML.success) return [];
  const found = Math.min(MAX_VGPUS, count.readUInt32LE(0));
  return Array.from({ length: found }, (_, i) => vgpu(nvml, instances.readUInt32LE(i * 4))).filter((v) => v !== null);
}

function vgpu(nvml: NvmlLibrary, instance: number): VgpuFacts | null {
  const uuid = nvml.string('nvmlVgpuInstanceGetUUID', instance);
  if (uuid === undefined) return null;
  const type = nvml.uint('nvmlVgpuInstanceGetType', instance);
  const vmId =
    nvml.call('nvmlVgpuInstanceGetVmID', instance, text.fill(0), text.length, word) === NVML.success
      ? cString(text)
      : undefined;
  const total = type === null ? undefined : bytes(nvml, 'nvmlVgpuTypeGetFramebufferSize', type);
  const used = bytes(nvml, 'nvmlVgpuInstanceGetFbUsage', instance);
  return {
    uuid,
    type: (type === null ? undefined : typeName(nvml, type)) ?? '',
    ...(vmId === undefined ? {} : { vmId }),
    ...(total === undefined ? {} : { memoryTotalMib: total }),
    ...(used === undefined ? {} : { memoryUsedMib: used }),
  };
}

/** The length of the buffer goes in and comes out. */
function typeName(nvml: NvmlLibrary, type: number): string | undefined {
  word.fill(0).writeUInt32LE(text.length, 0);
  return nvml.call('nvmlVgpuTypeGetName', type, text.fill(0), word) === NVML.success ? cString(text) : undefined;
}

function bytes(
  nvml: NvmlLibrary,
  name: 'nvmlVgpuTypeGetFramebufferSize' | 'nvmlVgpuInstanceGetFbUsage',
  id: number,
): number | undefined {
  return nvml.call(name, id, word.fill(0)) === NVML.success ? Number(word.readBigUInt64LE(0)) / MIB : undefined;
}
