/** Losses that a person may accept; what else refuses cannot be talked away. */
const ACCEPTABLE = [
  'recent_start',
  'model_server',
  'jobs',
  'local_disks',
  'auto_scaling',
  'spot',
  'commitment',
] as const;
export type Loss = (typeof ACCEPTABLE)[number];
export const isLoss = (check: string): check is Loss => (ACCEPTABLE as readonly string[]).includes(check);
