import { episodeCount } from './state.js';
import type { Condition, Episode, GpuHealthState } from './state.js';
import { compareActions, compareVerdicts } from './words.js';
import type { AdvisedAction, FaultClass, HealthVerdict } from './words.js';

/** What is said of a GPU: the worst of what is known. */
export interface GpuHealth {
  readonly verdict: HealthVerdict;
  /** One sentence; empty while it is healthy. */
  readonly reason: string;
  readonly evidence: string;
  readonly action: AdvisedAction;
  /** Unix milliseconds of the host's clock; null while it is healthy. */
  readonly sinceMs: number | null;
  /** Newest first. */
  readonly episodes: readonly EpisodeSummary[];
}

export interface EpisodeSummary {
  readonly kind: 'xid' | 'sxid';
  readonly code: number;
  readonly class: FaultClass;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Without a reading for so long nobody vouches for a GPU; a reader of nvidia-smi may need a minute to start again. */
export const STALE_MS = 180_000;
const MOST_SHOWN = 20;

const UNREAD: Omit<GpuHealth, 'episodes'> = {
  verdict: 'unknown',
  reason: 'No reading of this GPU was answered lately.',
  evidence: '',
  action: 'none',
  sinceMs: null,
};

const HEALTHY: Omit<GpuHealth, 'episodes'> = {
  verdict: 'healthy',
  reason: '',
  evidence: '',
  action: 'none',
  sinceMs: null,
};

/**
 * The worst condition speaks: by verdict, then by the strength of its action, then the oldest. Without one a GPU is
 * healthy only if a reading answered lately.
 *
 * @param host conditions and errors that concern every GPU of the host
 */
export function assess(gpu: GpuHealthState, host: GpuHealthState, nowMs: number): GpuHealth {
  const ofHost = host.conditions.filter(({ key, evidence }) => gpu.acknowledged[key] !== evidence);
  const worst = [...gpu.conditions, ...ofHost].reduce<Condition | null>(
    (a, b) => (a === null || compareConditions(b, a) > 0 ? b : a),
    null,
  );
  const episodes = summaries([...gpu.episodes, ...host.episodes]);
  if (worst) {
    const { verdict, reason, evidence, action, sinceMs } = worst;
    return { verdict, reason, evidence, action, sinceMs, episodes };
  }
  const answered = gpu.answeredMs > 0 && nowMs - gpu.answeredMs < STALE_MS;
  return { ...(answered ? HEALTHY : UNREAD), episodes };
}

const compareConditions = (a: Condition, b: Condition): number =>
  compareVerdicts(a.verdict, b.verdict) || compareActions(a.action, b.action) || b.sinceMs - a.sinceMs;

const summaries = (episodes: readonly Episode[]): EpisodeSummary[] =>
  episodes
    .map(({ kind, code, class: faultClass, counts, firstMs, lastMs }) => ({
      kind,
      code,
      class: faultClass,
      firstMs,
      lastMs,
      count: episodeCount({ counts }),
    }))
    .sort((a, b) => b.lastMs - a.lastMs || a.code - b.code)
    .slice(0, MOST_SHOWN);
