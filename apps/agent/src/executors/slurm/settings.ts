import * as z from 'zod/mini';
import { limits, text, verbs } from '../control-settings.js';

/** A node's name: no option, no list, no range. */
const nodeName = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'expected the name of one Slurm node'));

/** Drain and resume a Slurm node, or its power through Slurm's power saving. */
export const slurmControl = z.strictObject({
  kind: z.literal('slurm'),
  /** ["self"], or [] on a head node that only acts on the nodes below. */
  instances: z._default(z.array(text), ['self']),
  /** workload: drain and resume; power: power_down and power_up (SuspendProgram and ResumeProgram of slurm.conf). */
  level: z._default(z.enum(['workload', 'power']), 'workload'),
  /** The node that `self` means; absent: the host's short name. */
  node: z.optional(nodeName),
  /** Nodes of other instances, by their provider id. */
  nodes: z._default(z.record(text, nodeName), {}),
  verbs,
  /** What a forced stop does with running jobs: `cancel` them, or `wait` for them as a stop without force does. */
  forced: z._default(z.enum(['cancel', 'wait']), 'cancel'),
  scontrol: z._default(text, 'scontrol'),
  squeue: z._default(text, 'squeue'),
  scancel: z._default(text, 'scancel'),
  /** Path of slurm.conf where Slurm does not find it by itself. */
  slurm_conf: z.optional(text),
  /** verify_s is how long jobs are waited for; after that the agent goes on looking, with the outcome `unknown`. */
  ...limits({ timeoutS: 60, verifyS: 3_600 }),
});

export type SlurmControl = z.infer<typeof slurmControl>;
