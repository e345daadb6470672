/** Values of one metric over the minutes of a window. */
export interface Spread {
  /** Over the minutes' means, 95th percentile. */
  readonly p95: number;
  /** The lowest mean of a minute. */
  readonly low: number;
  /** The highest single reading of the newest `RECENT_MINUTES` minutes; what is idle must be idle now, too. null: none there. */
  readonly recentMax: number | null;
}

/** Minutes at the end of a window in which every single reading counts and not only their 95th percentile. */
export const RECENT_MINUTES = 5;

/** What a window of minutes shows of one GPU, or of one MIG instance. null: not reported, which is never 0. */
export interface GpuEvidence {
  readonly uuid: string;
  /** The GPU that a MIG instance is a part of; null for a whole GPU. */
  readonly parentUuid: string | null;
  readonly present: boolean;
  /** Part of the window that has samples, 0 to 1. */
  readonly coverage: number;
  /** Percent. */
  readonly smActivity: Spread | null;
  /** Percent. */
  readonly gpuUtilization: Spread | null;
  /** Mebibytes. */
  readonly memoryUsed: Spread | null;
  readonly memoryTotalMib: number | null;
  /** What the board's memory shows when nothing runs: the lowest of the last two weeks; null: not known. */
  readonly memoryFloorMib: number | null;
  /** Watts. */
  readonly power: Spread | null;
  /** The lowest power of the last two weeks; null: not known. */
  readonly powerFloorW: number | null;
  readonly powerLimitW: number | null;
  /** PCIe and NVLink in both directions together, kilobytes a second. */
  readonly links: Spread | null;
}

/** A process that computes on a GPU. */
export interface ProcessEvidence {
  /** GPU or MIG uuid. */
  readonly device: string;
  readonly pid: number;
  readonly name: string;
  /** Unix milliseconds; null: not told. */
  readonly startedAtMs: number | null;
  readonly usedMemoryMib: number | null;
  /** Percent of the time in which it kept SMs busy; null: not told. */
  readonly smPercent: number | null;
  readonly slurmJobId: string | null;
  /** `namespace/name` of its pod in Kubernetes. */
  readonly pod: string | null;
}

/** What is known of the machine apart from what it does. */
export interface MachineFacts {
  /** How people call it, for sentences. */
  readonly label: string;
  readonly cloudProvider: string;
  readonly instanceType: string | null;
  /** running, stopped, … */
  readonly state: string;
  /** Unix milliseconds: in this state at least since then; null: not known. */
  readonly stateSinceMs: number | null;
  readonly protected: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** on_demand, spot, reserved; null: nobody said. */
  readonly lifecycle: string | null;
  readonly autoScalingGroup: string | null;
  readonly kubernetesNode: string | null;
  readonly slurmNode: string | null;
  /** What somebody said of disks that a stop erases; null: nobody did, then the table of types is asked. */
  readonly localDisks: LocalDisks | null;
  /** GPUs as its provider says; null: not known. */
  readonly gpuCount: number | null;
}

/** erased: a stop loses what is on them; disposable: they are erased, and that was accepted; none: it has no such disks. */
export const LOCAL_DISKS = ['none', 'erased', 'disposable'] as const;
export type LocalDisks = (typeof LOCAL_DISKS)[number];

/** What its bills say about capacity that was paid in advance. */
export interface CommitmentEvidence {
  /** Part of its charged time that a commitment covers, 0 to 1. */
  readonly share: number;
  /** The newest day that a bill tells of, YYYY-MM-DD. */
  readonly asOf: string;
}

/** All that is known of an instance when it is asked whether it may be stopped. */
export interface StopEvidence {
  readonly atMs: number;
  readonly machine: MachineFacts;
  /** The minutes that were looked at: from, inclusive, to `toMs`. */
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly gpus: readonly GpuEvidence[];
  /** Part of the window that the host itself was measured; null: no host is measured. */
  readonly hostCoverage: number | null;
  /** Network of the host, both directions, bytes a second. */
  readonly network: Spread | null;
  /** Compute processes as last read; null: never reported. */
  readonly processes: { readonly atMs: number; readonly list: readonly ProcessEvidence[] } | null;
  /** Calls to models that it served within the window; null: it is not known to serve any. */
  readonly callsServed: number | null;
  /** null: no bill tells. */
  readonly commitment: CommitmentEvidence | null;
  /** The window that holds enforcement back now; null: none. */
  readonly maintenance: { readonly name: string; readonly endsAtMs: number } | null;
  /** Another action that holds the instance; null: none. */
  readonly openAction: { readonly id: string; readonly status: string } | null;
}
