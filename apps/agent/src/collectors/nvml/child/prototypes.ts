/**
 * The NVML functions that are called, by their plain name, with their arguments. A device is passed by its address, every
 * result is written through a pointer. Source: nvml.h of driver 590, the symbol list of that driver, and NVIDIA's API
 * reference for what older ones call the same function.
 */
const DEVICE = 'uint64_t';
const OUT = 'void *';
const U32 = 'uint32_t';
const one = `${DEVICE}, ${OUT}`;
const two = `${DEVICE}, ${OUT}, ${OUT}`;
const text = `${DEVICE}, ${OUT}, ${U32}`;

export const PROTOTYPES = {
  nvmlInit: '',
  nvmlShutdown: '',
  nvmlSystemGetDriverVersion: `${OUT}, ${U32}`,
  nvmlSystemGetNVMLVersion: `${OUT}, ${U32}`,
  nvmlSystemGetCudaDriverVersion: OUT,
  nvmlSystemGetProcessName: `${U32}, ${OUT}, ${U32}`,

  nvmlDeviceGetCount: OUT,
  nvmlDeviceGetHandleByIndex: `${U32}, ${OUT}`,
  nvmlDeviceGetUUID: text,
  nvmlDeviceGetName: text,
  nvmlDeviceGetSerial: text,
  nvmlDeviceGetVbiosVersion: text,
  nvmlDeviceGetBoardPartNumber: text,
  nvmlDeviceGetGspFirmwareVersion: one,
  nvmlDeviceGetArchitecture: one,
  nvmlDeviceGetBrand: one,
  nvmlDeviceGetCudaComputeCapability: two,
  nvmlDeviceGetComputeMode: one,
  nvmlDeviceGetPersistenceMode: one,
  nvmlDeviceGetModuleId: one,
  nvmlDeviceGetMaxPcieLinkGeneration: one,
  nvmlDeviceGetMaxPcieLinkWidth: one,
  nvmlDeviceGetMaxClockInfo: `${DEVICE}, int, ${OUT}`,
  nvmlDeviceGetPowerManagementDefaultLimit: one,
  nvmlDeviceGetPowerManagementLimitConstraints: two,
  nvmlDeviceGetPciInfo: one,

  nvmlDeviceGetUtilizationRates: one,
  nvmlDeviceGetEncoderUtilization: two,
  nvmlDeviceGetDecoderUtilization: two,
  nvmlDeviceGetJpgUtilization: two,
  nvmlDeviceGetOfaUtilization: two,
  nvmlDeviceGetMemoryInfo_v2: one,
  nvmlDeviceGetMemoryInfo: one,
  nvmlDeviceGetBAR1MemoryInfo: one,
  nvmlDeviceGetTemperatureV: one,
  nvmlDeviceGetTemperature: `${DEVICE}, int, ${OUT}`,
  nvmlDeviceGetMarginTemperature: one,
  nvmlDeviceGetTemperatureThreshold: `${DEVICE}, int, ${OUT}`,
  nvmlDeviceGetPowerUsage: one,
  nvmlDeviceGetEnforcedPowerLimit: one,
  nvmlDeviceGetTotalEnergyConsumption: one,
  nvmlDeviceGetClockInfo: `${DEVICE}, int, ${OUT}`,
  nvmlDeviceGetPerformanceState: one,
  nvmlDeviceGetCurrentClocksEventReasons: one,
  nvmlDeviceGetViolationStatus: `${DEVICE}, int, ${OUT}`,
  nvmlDeviceGetFanSpeed: one,
  nvmlDeviceGetCurrPcieLinkGeneration: one,
  nvmlDeviceGetCurrPcieLinkWidth: one,
  nvmlDeviceGetPcieReplayCounter: one,
  nvmlDeviceGetPcieThroughput: `${DEVICE}, int, ${OUT}`,
  nvmlDeviceGetEccMode: two,
  nvmlDeviceGetTotalEccErrors: `${DEVICE}, int, int, ${OUT}`,
  nvmlDeviceGetMemoryErrorCounter: `${DEVICE}, int, int, int, ${OUT}`,
  nvmlDeviceGetRemappedRows: `${DEVICE}, ${OUT}, ${OUT}, ${OUT}, ${OUT}`,
  nvmlDeviceGetRetiredPages: `${DEVICE}, int, ${OUT}, ${OUT}`,
  nvmlDeviceGetRetiredPagesPendingStatus: one,
  nvmlDeviceGetSramEccErrorStatus: one,
  nvmlDeviceGetRepairStatus: one,
  nvmlDeviceGetUnrepairableMemoryFlag_v1: one,
  nvmlDeviceGetNvLinkState: `${DEVICE}, ${U32}, ${OUT}`,
  nvmlDeviceGetNvLinkVersion: `${DEVICE}, ${U32}, ${OUT}`,
  nvmlDeviceGetNvLinkRemotePciInfo: `${DEVICE}, ${U32}, ${OUT}`,
  nvmlDeviceGetFieldValues: `${DEVICE}, int, ${OUT}`,
  nvmlDeviceGetGpuFabricInfoV: one,
  nvmlDeviceGetVirtualizationMode: one,
  nvmlDeviceGetActiveVgpus: two,

  nvmlDeviceGetComputeRunningProcesses: two,
  nvmlDeviceGetGraphicsRunningProcesses: two,
  nvmlDeviceGetProcessUtilization: `${DEVICE}, ${OUT}, ${OUT}, uint64_t`,

  nvmlVgpuInstanceGetUUID: `${U32}, ${OUT}, ${U32}`,
  nvmlVgpuInstanceGetVmID: `${U32}, ${OUT}, ${U32}, ${OUT}`,
  nvmlVgpuInstanceGetType: `${U32}, ${OUT}`,
  nvmlVgpuInstanceGetFbUsage: `${U32}, ${OUT}`,
  nvmlVgpuTypeGetName: `${U32}, ${OUT}, ${OUT}`,
  nvmlVgpuTypeGetFramebufferSize: `${U32}, ${OUT}`,

  nvmlDeviceGetMigMode: two,
  nvmlDeviceGetMaxMigDeviceCount: one,
  nvmlDeviceGetMigDeviceHandleByIndex: `${DEVICE}, ${U32}, ${OUT}`,
  nvmlDeviceGetGpuInstanceId: one,
  nvmlDeviceGetComputeInstanceId: one,
  nvmlDeviceGetAttributes: one,

  nvmlGpmQueryDeviceSupport: one,
  nvmlGpmSampleAlloc: OUT,
  nvmlGpmSampleFree: DEVICE,
  nvmlGpmSampleGet: `${DEVICE}, ${DEVICE}`,
  nvmlGpmMigSampleGet: `${DEVICE}, ${U32}, ${DEVICE}`,
  nvmlGpmMetricsGet: OUT,

  nvmlEventSetCreate: OUT,
  nvmlEventSetFree: DEVICE,
  nvmlDeviceGetSupportedEventTypes: one,
  nvmlDeviceRegisterEvents: `${DEVICE}, uint64_t, ${DEVICE}`,
  nvmlEventSetWait: `${DEVICE}, ${OUT}, ${U32}`,
} as const satisfies Readonly<Record<string, string>>;

export type NvmlFunction = keyof typeof PROTOTYPES;

/** Names of the same function with the same arguments, newest first, where the plain name is not the only one. */
const OTHER_NAMES: Partial<Readonly<Record<NvmlFunction, readonly string[]>>> = {
  nvmlInit: ['nvmlInit_v2', 'nvmlInit'],
  nvmlSystemGetCudaDriverVersion: ['nvmlSystemGetCudaDriverVersion_v2', 'nvmlSystemGetCudaDriverVersion'],
  nvmlDeviceGetCount: ['nvmlDeviceGetCount_v2', 'nvmlDeviceGetCount'],
  nvmlDeviceGetHandleByIndex: ['nvmlDeviceGetHandleByIndex_v2', 'nvmlDeviceGetHandleByIndex'],
  // the first version writes 24 bytes less: the room is there, the long bus id then stays empty
  nvmlDeviceGetPciInfo: ['nvmlDeviceGetPciInfo_v3', 'nvmlDeviceGetPciInfo_v2', 'nvmlDeviceGetPciInfo'],
  nvmlDeviceGetCurrentClocksEventReasons: [
    'nvmlDeviceGetCurrentClocksEventReasons',
    'nvmlDeviceGetCurrentClocksThrottleReasons',
  ],
  // _v2 and _v3 have records of 24 bytes, the first of 16: told apart by the name that was found
  nvmlDeviceGetComputeRunningProcesses: [
    'nvmlDeviceGetComputeRunningProcesses_v3',
    'nvmlDeviceGetComputeRunningProcesses_v2',
    'nvmlDeviceGetComputeRunningProcesses',
  ],
  nvmlDeviceGetGraphicsRunningProcesses: [
    'nvmlDeviceGetGraphicsRunningProcesses_v3',
    'nvmlDeviceGetGraphicsRunningProcesses_v2',
    'nvmlDeviceGetGraphicsRunningProcesses',
  ],
  nvmlDeviceGetAttributes: ['nvmlDeviceGetAttributes_v2', 'nvmlDeviceGetAttributes'],
  nvmlDeviceGetNvLinkRemotePciInfo: ['nvmlDeviceGetNvLinkRemotePciInfo_v2', 'nvmlDeviceGetNvLinkRemotePciInfo'],
  // the first version has no instance ids, and writes 24 of the 32 bytes
  nvmlEventSetWait: ['nvmlEventSetWait_v2', 'nvmlEventSetWait'],
};

export const closest = (name: NvmlFunction): readonly string[] => OTHER_NAMES[name] ?? [name];
