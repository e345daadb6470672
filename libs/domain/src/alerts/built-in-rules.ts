import type { Severity } from './alert-state.js';

/** A rule that nobody has to write. */
export interface BuiltInRule {
  /** Also the alert type. */
  readonly key: string;
  readonly severity: Severity;
  /** What makes it fire, in one sentence. */
  readonly meaning: string;
}

export const BUILT_IN_RULES = [
  {
    key: 'agent_silent',
    severity: 'high',
    meaning: 'Nothing was heard of an agent for longer than its lease, while the control plane was up to hear it.',
  },
  { key: 'gpu_missing', severity: 'critical', meaning: 'A GPU that was there is not found any more.' },
  { key: 'gpu_unhealthy', severity: 'high', meaning: 'A GPU is not to be trusted with work.' },
  { key: 'gpu_error', severity: 'high', meaning: 'The driver reported a grave error of a GPU (Xid).' },
  {
    key: 'storage_full',
    severity: 'high',
    meaning: "A disk is nearly full: an agent's spool that drops data, a host's disk, or the control plane's own.",
  },
  { key: 'clock_skew', severity: 'medium', meaning: 'The clock of a host is more than 30 seconds off.' },
  {
    key: 'spend_unpriced',
    severity: 'medium',
    meaning: 'Something runs or is used that costs money, and nobody knows its price.',
  },
] as const satisfies readonly BuiltInRule[];

export type BuiltInKey = (typeof BUILT_IN_RULES)[number]['key'];

/** The built-in rule of this key, or undefined. */
export const builtInRule = (key: string): BuiltInRule | undefined => BUILT_IN_RULES.find((rule) => rule.key === key);
