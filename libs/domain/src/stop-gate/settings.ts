/** What a tenant may decide. Everything else of the gate holds for everybody. */
export interface StopGateSettings {
  /** Part of the window that must have samples, 0 to 1. */
  readonly minCoverage: number;
  /** A machine that runs for a shorter time is left alone. */
  readonly minRunningMinutes: number;
  /** A model in memory that nobody calls. */
  readonly parked: Decision;
  /** Disks whose content is gone after a stop. */
  readonly localDisks: Decision;
  /** Nobody knows whether it has such disks. */
  readonly unknownDisks: Decision;
  readonly spot: Decision;
  /** Capacity that is paid whether it runs or not: stopping it saves nothing. */
  readonly committed: Decision;
  /** Nobody reports which processes compute, and its memory is not empty. */
  readonly unknownProcesses: Decision;
}

export type Decision = 'refuse' | 'allow';

export const DEFAULT_STOP_GATE: StopGateSettings = {
  minCoverage: 0.9,
  minRunningMinutes: 30,
  parked: 'refuse',
  localDisks: 'refuse',
  unknownDisks: 'refuse',
  spot: 'refuse',
  committed: 'refuse',
  unknownProcesses: 'refuse',
};

/** Below these no tenant can go: less evidence than this is none, and who has just started a machine wants to use it. */
export const STOP_GATE_FLOOR = { minCoverage: 0.9, minRunningMinutes: 10 } as const;

/** The settings with everything below the floor lifted to it, so that what was stored by another version cannot weaken it. */
export function atLeastFloor(settings: StopGateSettings): StopGateSettings {
  return {
    ...settings,
    minCoverage: Math.min(1, Math.max(STOP_GATE_FLOOR.minCoverage, settings.minCoverage)),
    minRunningMinutes: Math.max(STOP_GATE_FLOOR.minRunningMinutes, settings.minRunningMinutes),
  };
}
