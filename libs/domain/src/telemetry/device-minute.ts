/** Seconds in a minute: the slots of one device-minute. */
export const SLOTS = 60;

/**
 * One minute of one device: the unit that the agent fills, the wire carries and the control plane stores.
 *
 * `values` is row by row: the value of metric `metrics[m]` in second `seconds[s]` is `values[m * seconds.length + s]`.
 * NaN is "no value", never 0.
 */
export interface DeviceMinute {
  /** Unix seconds; a multiple of 60. */
  readonly minuteS: number;
  /** Seconds between two samples as configured; 0 when unknown. */
  readonly intervalS: number;
  /** Catalogue numbers, ascending, each at most once. */
  readonly metrics: readonly number[];
  /** Seconds 0 to 59 that have a sample, ascending, each at most once. */
  readonly seconds: Uint8Array;
  readonly values: Float32Array;
}
