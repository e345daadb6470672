import type { AdvisedAction, FaultClass, HealthVerdict } from './words.js';

/** Code or codes (`#` in the name is the place in the list), NVIDIA's name, class, verdict, advised action, sentence. */
export type XidRow = readonly [
  codes: number | readonly number[],
  name: string,
  faultClass: FaultClass,
  verdict: Exclude<HealthVerdict, 'unknown'>,
  action: AdvisedAction,
  sentence: string,
];

export const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
