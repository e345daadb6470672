import type { Absence } from '../../collector.js';

/** The return codes that something depends on (nvml.h, nvmlReturn_t). */
export const NVML = {
  success: 0,
  uninitialized: 1,
  invalidArgument: 2,
  notSupported: 3,
  noPermission: 4,
  notFound: 6,
  insufficientSize: 7,
  insufficientPower: 8,
  driverNotLoaded: 9,
  timeout: 10,
  libraryNotFound: 12,
  functionNotFound: 13,
  corruptedInfoRom: 14,
  gpuIsLost: 15,
  resetRequired: 16,
  operatingSystem: 17,
  versionMismatch: 18,
  noData: 21,
  argumentVersionMismatch: 25,
  deprecated: 26,
  notReady: 27,
  gpuNotFound: 28,
  unknown: 999,
} as const;

/**
 * Codes that mean "this device does not have it". A wrong argument belongs to them: it is what older drivers answer to a
 * field, a link or a sensor that came after them. "Not found" is the end of a list (a link, a fan, a MIG instance).
 */
const UNSUPPORTED: ReadonlySet<number> = new Set([
  NVML.invalidArgument,
  NVML.notSupported,
  NVML.notFound,
  NVML.functionNotFound,
  NVML.noData,
  NVML.argumentVersionMismatch,
  NVML.deprecated,
  NVML.notReady,
]);
const FORBIDDEN: ReadonlySet<number> = new Set([NVML.noPermission, NVML.operatingSystem]);

/** Why a call that ended with this code gave no value. A code that nobody has seen before is a fault. */
export function absenceOf(code: number): Absence {
  if (UNSUPPORTED.has(code)) return 'unsupported';
  return FORBIDDEN.has(code) ? 'forbidden' : 'fault';
}

/** The words that nvidia-smi prints for the same fault, so that both readers report it alike. */
const FAULT_WORDS: ReadonlyMap<number, string> = new Map([
  [NVML.gpuIsLost, '[GPU is lost]'],
  [NVML.resetRequired, '[GPU requires reset]'],
  [NVML.insufficientPower, '[Insufficient External Power]'],
  [NVML.timeout, '[Timeout]'],
  [NVML.corruptedInfoRom, '[Corrupted infoROM]'],
  [NVML.unknown, '[Unknown Error]'],
]);
export const faultWordsOf = (code: number): string => FAULT_WORDS.get(code) ?? `[NVML error ${code}]`;

/** Codes after which no call of this process will work again: NVML has to be loaded and initialised anew. */
const ENDS_THE_SESSION: ReadonlySet<number> = new Set([
  NVML.uninitialized,
  NVML.driverNotLoaded,
  NVML.libraryNotFound,
  NVML.versionMismatch,
]);
export const endsTheSession = (code: number): boolean => ENDS_THE_SESSION.has(code);
