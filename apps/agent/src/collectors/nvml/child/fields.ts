import type { Handle, NvmlLibrary } from './library.js';
import { NVML } from './return-codes.js';

/** Field numbers of nvml.h (NVML_FI_DEV_...). Numbers are never given again; a driver answers "not supported" to later ones. */
export const FIELD = {
  retiredSingleBit: 29,
  retiredDoubleBit: 30,
  retiredPending: 31,
  nvlinkCrcFlitErrors: 38,
  nvlinkCrcDataErrors: 45,
  nvlinkReplayErrors: 52,
  nvlinkRecoveryErrors: 59,
  policyPower: 74,
  policySyncBoost: 76,
  memoryTemperature: 82,
  energy: 83,
  nvlinkCount: 91,
  pcieReplays: 94,
  nvlinkDataTx: 138,
  nvlinkDataRx: 139,
  remappedCorrectable: 142,
  remappedUncorrectable: 143,
  remappedPending: 144,
  remappedFailure: 145,
  nvlinkErrorReplay: 161,
  nvlinkErrorRecovery: 162,
  nvlinkErrorCrc: 163,
  nvlinkSpeed: 164,
  nvlinkState: 165,
  nvlinkVersion: 166,
  powerInstant: 186,
  powerMinLimit: 187,
  powerMaxLimit: 188,
  powerDefaultLimit: 189,
  pcieTxBytes: 197,
  pcieRxBytes: 198,
  // driver 535 alone; later ones say it with the action
  resetStatus: 226,
  drainAndResetStatus: 227,
  recoveryAction: 230,
  throttledSwThermal: 269,
  throttledHwThermal: 270,
  throttledPowerBrake: 271,
} as const;

export type FieldName = keyof typeof FIELD;

/** All links together (UINT_MAX), for the fields that say so. */
export const ALL_LINKS = 0xffffffff;

export interface FieldAsked {
  readonly field: FieldName;
  /** The number of a link, ALL_LINKS, or 0. */
  readonly scope: number;
}

export interface FieldAnswer {
  readonly code: number;
  /** Only with success; what does not fit a double is not exact beyond 2^53. */
  readonly value: number;
}

/** nvmlFieldValue_t: u32 field, u32 scope, i64 timestamp, i64 latency, u32 type, u32 code, 8 bytes of value. */
const ENTRY = 40;
const TYPE_AT = 24;
const CODE_AT = 28;
const VALUE_AT = 32;

/** Asks a device for many fields with one call. */
export class FieldBatch {
  private readonly buffer: Buffer;

  constructor(readonly asked: readonly FieldAsked[]) {
    this.buffer = Buffer.alloc(Math.max(1, asked.length) * ENTRY);
  }

  /** The answers in the order of the questions; with the call's own code for all where the call failed as a whole. */
  read(nvml: NvmlLibrary, device: Handle): FieldAnswer[] {
    const { asked, buffer } = this;
    if (asked.length === 0) return [];
    buffer.fill(0);
    asked.forEach(({ field, scope }, i) => {
      buffer.writeUInt32LE(FIELD[field], i * ENTRY);
      buffer.writeUInt32LE(scope, i * ENTRY + 4);
    });
    const code = nvml.call('nvmlDeviceGetFieldValues', device, asked.length, buffer);
    return asked.map((_, i) => {
      if (code !== NVML.success) return { code, value: 0 };
      const own = buffer.readUInt32LE(i * ENTRY + CODE_AT);
      if (own !== NVML.success) return { code: own, value: 0 };
      const value = valueAt(buffer, i * ENTRY);
      return value === null ? { code: NVML.notSupported, value: 0 } : { code: own, value };
    });
  }
}

/** By nvmlValueType_t; null for a type that is not known here, and for "not available" (all ones). */
function valueAt(buffer: Buffer, at: number): number | null {
  const value = at + VALUE_AT;
  switch (buffer.readUInt32LE(at + TYPE_AT)) {
    case 0:
      return buffer.readDoubleLE(value);
    case 1:
      return buffer.readUInt32LE(value) === 0xffffffff ? null : buffer.readUInt32LE(value);
    case 2:
    case 3: {
      const wide = buffer.readBigUInt64LE(value);
      return wide === 0xffffffffffffffffn ? null : Number(wide);
    }
    case 4:
      return Number(buffer.readBigInt64LE(value));
    case 5:
      return buffer.readInt32LE(value);
    case 6:
      return buffer.readUInt16LE(value);
    default:
      return null;
  }
}
