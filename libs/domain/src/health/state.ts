import type { AdvisedAction, FaultClass, HealthVerdict } from './words.js';

/**
 * What ends a condition, beside a person who clears it:
 *
 * - `signal`: the reading that showed it shows it no more (a row is remapped, the GPU is back, the slowdown is over)
 * - `reset`: the GPU was reset, the driver loaded anew, or the host rebooted after its last sign
 * - `reboot`: only a reboot of the host
 */
export type Repair = 'signal' | 'reset' | 'reboot';

/** One thing that is wrong with a GPU (or with the host, and so with all its GPUs). */
export interface Condition {
  /** `xid:79`, `row_remap_failure`, … : one condition of a key at a time. */
  readonly key: string;
  readonly verdict: HealthVerdict;
  /** One sentence for a person. */
  readonly reason: string;
  /** What was seen, word for word: a line of the kernel log, a field and its value. */
  readonly evidence: string;
  readonly action: AdvisedAction;
  readonly repair: Repair;
  /** First and last sign of it, Unix milliseconds of the host's clock. */
  readonly sinceMs: number;
  readonly lastMs: number;
}

/** The same error again and again is one episode. */
export interface Episode {
  readonly kind: 'xid' | 'sxid';
  readonly code: number;
  readonly class: FaultClass;
  readonly action: AdvisedAction;
  /** By who told of it: the kernel log, NVML and nvidia-smi tell of the same events, so the largest counts. */
  readonly counts: Readonly<Record<string, number>>;
  readonly firstMs: number;
  readonly lastMs: number;
  /** The newest line, as it stood there. */
  readonly line: string;
  /** True: the next sign begins another one, because a person cleared it or the host was rebooted. */
  readonly closed: boolean;
}

export const episodeCount = (episode: Pick<Episode, 'counts'>): number => Math.max(0, ...Object.values(episode.counts));

/** Everything that is remembered of a GPU's health. Plain data: it is kept on disk as JSON. */
export interface GpuHealthState {
  readonly conditions: readonly Condition[];
  /** Oldest first. */
  readonly episodes: readonly Episode[];
  /** Signs that have to last before they count: key → since when, or how often in a row. */
  readonly pending: Readonly<Record<string, number>>;
  /** Conditions that a person cleared while their sign still stood: key → the evidence that was cleared. */
  readonly acknowledged: Readonly<Record<string, string>>;
  readonly counters: {
    readonly eccUncorrected?: number;
    /** Corrected errors at the beginning of the present hour of counting, and when that was. */
    readonly eccCorrected?: number;
    readonly eccCorrectedSinceMs?: number;
    readonly recoveryAction?: string;
    /** Links that were down when the GPU was first seen: an empty bridge is no fault. */
    readonly nvlinksDown?: readonly number[];
  };
  /** When a reading last answered; 0: not since the agent started. Not worth keeping over a restart. */
  readonly answeredMs: number;
}

export const NEW_GPU: GpuHealthState = {
  conditions: [],
  episodes: [],
  pending: {},
  acknowledged: {},
  counters: {},
  answeredMs: 0,
};

/** Puts a condition in place of the one of its key; the first sign stays the first. */
export function withCondition(conditions: readonly Condition[], next: Condition): readonly Condition[] {
  const before = conditions.find(({ key }) => key === next.key);
  if (!before) return [...conditions, next];
  if (before.evidence === next.evidence && before.lastMs === next.lastMs && before.verdict === next.verdict) {
    return conditions;
  }
  const merged = { ...next, sinceMs: Math.min(before.sinceMs, next.sinceMs) };
  return conditions.map((condition) => (condition === before ? merged : condition));
}

export const withoutCondition = (conditions: readonly Condition[], key: string): readonly Condition[] =>
  conditions.some((condition) => condition.key === key)
    ? conditions.filter((condition) => condition.key !== key)
    : conditions;
