import type { Attributes, GpuFacts } from '../../gpu/shape.js';
import { fabricAttributes } from './fabric.js';
import { cString, type Handle, type NvmlLibrary } from './library.js';
import { NVML } from './return-codes.js';

/** What a GPU is, as long as the driver runs. */
export interface GpuIdentity {
  readonly uuid: string;
  readonly facts: GpuFacts;
}

const pci = Buffer.alloc(96);
const pair = [Buffer.alloc(8), Buffer.alloc(8)] as const;

/** The long form (00000000:3B:00.0); from the older short form where the driver has only that. */
export function busIdOf(nvml: NvmlLibrary, device: Handle): string | undefined {
  pci.fill(0);
  if (nvml.call('nvmlDeviceGetPciInfo', device, pci) !== NVML.success) return undefined;
  return busIdFrom(pci);
}

/** nvmlPciInfo_t: 16 bytes of short form, five numbers, 32 bytes of long form. */
export function busIdFrom(info: Buffer): string | undefined {
  const long = cString(info.subarray(36, 68));
  const short = cString(info.subarray(0, 16));
  return long ?? (short && /^[0-9a-f]{4}:/i.test(short) ? `0000${short}` : short);
}

/** Undefined for a GPU that cannot even be asked for its name: the driver lists it and cannot talk to it. */
export function identityOf(
  nvml: NvmlLibrary,
  device: Handle,
  index: number,
  driverVersion?: string,
): GpuIdentity | null {
  const uuid = nvml.string('nvmlDeviceGetUUID', device);
  if (uuid === undefined) return null;
  const busId = busIdOf(nvml, device);
  const model = nvml.string('nvmlDeviceGetName', device);
  const serial = nvml.string('nvmlDeviceGetSerial', device);
  return {
    uuid,
    facts: {
      index,
      ...(busId === undefined ? {} : { busId }),
      ...(model === undefined ? {} : { model }),
      ...(serial === undefined ? {} : { serial }),
      ...(driverVersion === undefined ? {} : { driverVersion }),
    },
  };
}

const ARCHITECTURES: readonly (string | undefined)[] = [
  ...[undefined, undefined, 'Kepler', 'Maxwell', 'Pascal', 'Volta', 'Turing', 'Ampere', 'Ada Lovelace', 'Hopper'],
  ...['Blackwell', undefined, undefined, 'Rubin'],
];
const BRANDS: Readonly<Record<number, string>> = {
  1: 'Quadro',
  2: 'Tesla',
  3: 'NVS',
  4: 'GRID',
  5: 'GeForce',
  6: 'Titan',
  12: 'Quadro RTX',
  13: 'NVIDIA RTX',
  14: 'NVIDIA',
  15: 'GeForce RTX',
  16: 'Titan RTX',
};
const COMPUTE_MODES = ['Default', 'Exclusive_Thread', 'Prohibited', 'Exclusive_Process'] as const;
const VIRTUALIZATION = ['None', 'Pass-Through', 'VGPU', 'Host VGPU', 'Host VSGA'] as const;
const SWITCH = ['Disabled', 'Enabled'] as const;

/** `cuda` is the version of CUDA that the driver has, as 13010 for 13.1. */
export const cudaVersion = (cuda: number): string => `${Math.floor(cuda / 1000)}.${Math.floor((cuda % 1000) / 10)}`;

/** The slow facts of a GPU in the words of nvidia-smi; what it does not have is not in it. */
export function attributesOf(nvml: NvmlLibrary, device: Handle, cuda: number | null): Attributes {
  const uint = (name: Parameters<NvmlLibrary['uint']>[0], ...before: number[]) => nvml.uint(name, device, ...before);
  const word = (words: readonly (string | undefined)[], at: number | null) => (at === null ? undefined : words[at]);
  const text = (value: number | null, divisor = 1) => (value === null ? undefined : String(value / divisor));
  const ecc = both(nvml, 'nvmlDeviceGetEccMode', device);
  const mig = both(nvml, 'nvmlDeviceGetMigMode', device);
  const capability = both(nvml, 'nvmlDeviceGetCudaComputeCapability', device);
  const limits = both(nvml, 'nvmlDeviceGetPowerManagementLimitConstraints', device);
  const brand = uint('nvmlDeviceGetBrand');
  const found: Record<string, string | undefined> = {
    architecture: word(ARCHITECTURES, uint('nvmlDeviceGetArchitecture')),
    brand: brand === null ? undefined : BRANDS[brand],
    vbios_version: nvml.string('nvmlDeviceGetVbiosVersion', device),
    gsp_firmware_version: gspVersion(nvml, device),
    cuda_version: cuda === null ? undefined : cudaVersion(cuda),
    compute_capability: capability ? `${capability[0]}.${capability[1]}` : undefined,
    compute_mode: word(COMPUTE_MODES, uint('nvmlDeviceGetComputeMode')),
    persistence_mode: word(SWITCH, uint('nvmlDeviceGetPersistenceMode')),
    ecc_mode: word(SWITCH, ecc?.[0] ?? null),
    ecc_mode_pending: word(SWITCH, ecc?.[1] ?? null),
    mig_mode_pending: word(SWITCH, mig?.[1] ?? null),
    virtualization_mode: word(VIRTUALIZATION, uint('nvmlDeviceGetVirtualizationMode')),
    board_part_number: nvml.string('nvmlDeviceGetBoardPartNumber', device),
    pcie_generation_max: text(uint('nvmlDeviceGetMaxPcieLinkGeneration')),
    pcie_width_max: text(uint('nvmlDeviceGetMaxPcieLinkWidth')),
    power_limit_default_watts: text(uint('nvmlDeviceGetPowerManagementDefaultLimit'), 1000),
    power_limit_min_watts: text(limits?.[0] ?? null, 1000),
    power_limit_max_watts: text(limits?.[1] ?? null, 1000),
    sm_clock_max_mhz: text(uint('nvmlDeviceGetMaxClockInfo', 1)),
    memory_clock_max_mhz: text(uint('nvmlDeviceGetMaxClockInfo', 2)),
    temperature_shutdown_celsius: text(uint('nvmlDeviceGetTemperatureThreshold', 0)),
    temperature_slowdown_celsius: text(uint('nvmlDeviceGetTemperatureThreshold', 1)),
    module_id: text(uint('nvmlDeviceGetModuleId')),
    ...fabricAttributes(nvml, device),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Attributes;
}

/** nvmlDeviceGetGspFirmwareVersion takes a buffer of 80 bytes and no length. */
function gspVersion(nvml: NvmlLibrary, device: Handle): string | undefined {
  pci.fill(0);
  return nvml.call('nvmlDeviceGetGspFirmwareVersion', device, pci) === NVML.success ? cString(pci) : undefined;
}

/** Two 32-bit numbers of one call (current and pending, least and most); null where the board has none. */
export function both(
  nvml: NvmlLibrary,
  name: Parameters<NvmlLibrary['call']>[0],
  device: Handle,
): readonly [number, number] | null {
  pair[0].fill(0);
  pair[1].fill(0);
  if (nvml.call(name, device, ...pair) !== NVML.success) return null;
  return [pair[0].readUInt32LE(0), pair[1].readUInt32LE(0)];
}
