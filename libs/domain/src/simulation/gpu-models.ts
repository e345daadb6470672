/** What a data sheet and an idle machine say about a GPU model. */
export interface GpuModel {
  readonly name: string;
  /** As nvidia-smi reports it. */
  readonly memoryTotalMib: number;
  readonly powerLimitWatts: number;
  /** With nothing on it. */
  readonly idleWatts: number;
  readonly smClockMhz: number;
  readonly memoryClockMhz: number;
}

export const GPU_MODELS = {
  h200: model('NVIDIA H200', 143_771, 700, 76, 1980, 3201),
  h100: model('NVIDIA H100 80GB HBM3', 81_559, 700, 69, 1980, 2619),
  a100: model('NVIDIA A100-SXM4-80GB', 81_920, 400, 54, 1410, 1593),
  l40s: model('NVIDIA L40S', 46_068, 350, 34, 2520, 9001),
  l4: model('NVIDIA L4', 23_034, 72, 12, 2040, 6251),
} as const;

export type GpuModelName = keyof typeof GPU_MODELS;

function model(
  name: string,
  memoryTotalMib: number,
  powerLimitWatts: number,
  idleWatts: number,
  smClockMhz: number,
  memoryClockMhz: number,
): GpuModel {
  return { name, memoryTotalMib, powerLimitWatts, idleWatts, smClockMhz, memoryClockMhz };
}
