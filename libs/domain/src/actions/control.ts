/** What an agent can be asked to do to an instance. */
export const ACTION_VERBS = ['start', 'stop'] as const;
export type ActionVerb = (typeof ACTION_VERBS)[number];

/** What is acted on: the machine, or what runs on it. */
export type ControlLevel = 'power' | 'workload';

/** One thing that an agent can act on, and how: an announcement of its hello (proto `Control`). */
export interface Control {
  /** self, command, systemd, docker, slurm, kubernetes, aws-ec2, redfish, … */
  readonly kind: string;
  readonly verbs: readonly string[];
  /** "self" (the host the agent runs on), provider ids, or empty together with `scope`. */
  readonly instanceIds: readonly string[];
  /** For cloud controllers: `{ account, region }`. */
  readonly scope: Readonly<Record<string, string>>;
  readonly level: ControlLevel;
}
