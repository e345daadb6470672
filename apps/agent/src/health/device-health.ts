import type { GpuHealth } from '@flotilla/domain';

/** The health of a device as the inventory carries it; the fields are those of `Device` in agent.proto. */
export interface DeviceHealth {
  readonly health: 'healthy' | 'degraded' | 'unhealthy' | 'unknown';
  readonly healthReason: string;
  readonly healthEvidence: string;
  readonly advisedAction: string;
  /** 0: healthy or not known. */
  readonly healthSinceMs: number;
  readonly healthEpisodes: {
    readonly kind: string;
    readonly code: number;
    readonly faultClass: string;
    readonly count: number;
    readonly firstMs: number;
    readonly lastMs: number;
  }[];
}

/** Who judges devices. */
export interface HealthJudge {
  /** null: nothing is known of it. @param parentUuid the GPU that holds a MIG instance, which has its health */
  of(uuid: string, parentUuid: string | undefined): DeviceHealth | null;
  /** A person says that a GPU (or `all`) is repaired. @returns how many GPUs were cleared */
  clear(uuid: string, by: string): number;
}

export const deviceHealth = ({ verdict, reason, evidence, action, sinceMs, episodes }: GpuHealth): DeviceHealth => ({
  health: verdict,
  healthReason: reason,
  healthEvidence: evidence,
  advisedAction: action,
  healthSinceMs: sinceMs === null ? 0 : Math.round(sinceMs),
  healthEpisodes: episodes.map(({ kind, code, class: faultClass, count, firstMs, lastMs }) => ({
    kind,
    code,
    faultClass,
    count,
    firstMs: Math.round(firstMs),
    lastMs: Math.round(lastMs),
  })),
});

/** Whether only counts, times and the newest line of a flood differ, which can wait. */
export function differsOnlyInCounts(a: DeviceHealth, b: DeviceHealth): boolean {
  return JSON.stringify(withoutCounts(a)) === JSON.stringify(withoutCounts(b));
}

const withoutCounts = ({ healthEvidence: _, healthEpisodes, ...rest }: DeviceHealth) => [
  rest,
  healthEpisodes.map(({ kind, code, firstMs }) => `${kind} ${code} ${firstMs}`).sort(),
];
