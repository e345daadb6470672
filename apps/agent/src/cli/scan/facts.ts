import type { DeviceFacts, GpuProcessFacts, Reading } from '../../collectors/collector.js';
import type { Check } from '../checks/check.js';

/** A device with the word of health on it, as the inventory has it. */
export interface ScannedDevice extends DeviceFacts {
  readonly healthEvidence?: string;
  readonly advisedAction?: string;
}

/** Everything that one look at a host found. */
export interface ScanFacts {
  readonly at: Date;
  readonly version: string;
  readonly hostname: string;
  readonly os: string;
  readonly kernel: string;
  readonly uptimeS: number;
  /** The machine as the control plane would see it, wire names; empty when nobody could tell. */
  readonly instance: Readonly<Record<string, unknown>>;
  readonly devices: readonly ScannedDevice[];
  readonly values: ReadonlyMap<string, ReadonlyMap<number, Reading>>;
  /** null: they could not be read. */
  readonly processes: readonly GpuProcessFacts[] | null;
  readonly collectors: readonly { readonly name: string; readonly state: string; readonly message: string }[];
  readonly checks: readonly Check[];
}
