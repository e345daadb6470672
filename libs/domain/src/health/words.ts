/** What a GPU is said to be. `unknown`: nothing vouches for it, nothing speaks against it. */
export const HEALTH_VERDICTS = ['healthy', 'degraded', 'unhealthy', 'unknown'] as const;
export type HealthVerdict = (typeof HEALTH_VERDICTS)[number];

/** What a person, or a policy, should do about it. From the mildest to the strongest: the strongest of equals speaks. */
export const ADVISED_ACTIONS = ['none', 'restart_workload', 'drain', 'reset_gpu', 'reboot', 'rma'] as const;
export type AdvisedAction = (typeof ADVISED_ACTIONS)[number];

/** Where an error report of the driver comes from. `application`: by itself it never speaks against the hardware. */
export const FAULT_CLASSES = [
  'application',
  'hardware',
  'driver',
  'memory',
  'fabric',
  'thermal_power',
  'info',
  'unknown',
] as const;
export type FaultClass = (typeof FAULT_CLASSES)[number];

const RANK: Readonly<Record<HealthVerdict, number>> = { healthy: 0, unknown: 1, degraded: 2, unhealthy: 3 };

/** Above 0: `a` is worse than `b`. What is known to be bad outweighs what is not known. */
export const compareVerdicts = (a: HealthVerdict, b: HealthVerdict): number => RANK[a] - RANK[b];

/** Above 0: `a` is the stronger action. */
export const compareActions = (a: AdvisedAction, b: AdvisedAction): number =>
  ADVISED_ACTIONS.indexOf(a) - ADVISED_ACTIONS.indexOf(b);

export const ACTION_SENTENCES: Readonly<Record<AdvisedAction, string>> = {
  none: 'Nothing is to be done.',
  restart_workload: 'Restart the workload that was hit.',
  drain: 'Give it no new work, let the present work end, then look into it.',
  reset_gpu: 'Stop the work on the GPU and reset it (nvidia-smi --gpu-reset), or reboot the host.',
  reboot: 'Take the work off the host and reboot it.',
  rma: 'Take the GPU out of service: it needs replacing.',
};
