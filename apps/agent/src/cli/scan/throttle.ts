/** NVML's clocks event reasons (nvml.h, nvmlClocksEventReason*), in words. */
const REASONS = [
  [0x2, 'application clocks setting'],
  [0x4, 'power cap'],
  [0x8, 'hardware slowdown'],
  [0x10, 'sync boost with slower GPUs'],
  [0x20, 'heat (software)'],
  [0x40, 'heat (hardware)'],
  [0x80, 'power brake (the power supply asks for it)'],
  [0x100, 'display clocks setting'],
] as const;

/** Why the clocks are held back; an idle GPU (0x1) is not held back. Empty also when nothing is known. */
export const throttleWords = (mask: number | undefined): string[] =>
  mask === undefined ? [] : REASONS.filter(([bit]) => (mask & bit) !== 0).map(([, word]) => word);
