import { z } from 'zod';
import { Timestamp } from './common.js';

export const STOP_CHECK_NAMES = [
  'state',
  'protection',
  'open_action',
  'maintenance',
  'recent_start',
  'coverage',
  'activity',
  'processes',
  'model_server',
  'jobs',
  'local_disks',
  'auto_scaling',
  'spot',
  'commitment',
] as const;

/** The gate's answer, as an action keeps it. */
export const StopGateJudgement = z
  .object({
    judged_at: Timestamp.describe('For this moment it holds'),
    allowed: z.boolean().meta({ description: 'An automatic or approved stop may go out', examples: [false] }),
    class: z.enum(['off', 'empty_idle', 'parked', 'underused', 'busy', 'unknown']).meta({
      description:
        'What its GPUs do. parked: memory held, no work: a loaded model that nobody calls; unknown: too little is reported to tell',
      examples: ['parked'],
    }),
    evidence: z
      .array(z.enum(['sm_activity', 'gpu_utilization', 'power', 'memory', 'links', 'network', 'processes']))
      .meta({ description: 'What that was told from', examples: [['sm_activity', 'power', 'processes']] }),
    window: z
      .object({ from: Timestamp.describe('First moment'), to: Timestamp.describe('First moment after it') })
      .meta({ description: 'The minutes that were looked at' }),
    below_percent: z.number().meta({ description: 'Activity below this counts as none, percent', examples: [5] }),
    checks: z
      .array(
        z
          .object({
            check: z.enum(STOP_CHECK_NAMES).meta({ examples: ['local_disks'] }),
            verdict: z.enum(['pass', 'refuse', 'unknown']).meta({ examples: ['refuse'] }),
            reason: z.string().meta({
              description: 'A sentence for a person',
              examples: ['It is a g5.xlarge with local disks whose content is gone for good when it stops.'],
            }),
            blocks: z.boolean().meta({ description: 'It stands in the way', examples: [true] }),
          })
          .meta({ id: 'StopGateCheck' }),
      )
      .describe('Every check, also after one that refuses'),
  })
  .meta({ id: 'StopGateJudgement' });

export const StopGateAnswer = StopGateJudgement.extend({
  instance_id: z.int().meta({ description: 'The instance', examples: [1] }),
}).meta({ id: 'StopGateAnswer' });

const decision = (what: string) =>
  z.enum(['refuse', 'allow']).meta({ description: `${what}: refuse or let pass`, examples: ['refuse'] });

const settings = {
  min_coverage_percent: z
    .number()
    .min(90)
    .max(100)
    .meta({ description: 'Part of the evidence that must be measured, percent', examples: [90] }),
  min_running_minutes: z
    .int()
    .min(10)
    .max(1440)
    .meta({ description: 'A machine that runs for a shorter time is left alone', examples: [30] }),
  parked: decision('A model in memory that nobody calls'),
  local_disks: decision('Disks whose content is gone after a stop'),
  unknown_disks: decision('Nobody knows whether it has such disks'),
  spot: decision('Spot machines'),
  committed: decision('Capacity that is paid whether it runs or not'),
  unknown_processes: decision('Nobody reports which processes compute, and GPU memory is not empty'),
};

export const StopGateSettings = z
  .object({
    ...settings,
    floor: z.object({ min_coverage_percent: z.number(), min_running_minutes: z.int() }).meta({
      description: 'Below these nobody can go',
      examples: [{ min_coverage_percent: 90, min_running_minutes: 10 }],
    }),
  })
  .meta({ id: 'StopGateSettings' });

export const StopGateSettingsBody = z
  .strictObject(
    Object.fromEntries(Object.entries(settings).map(([name, schema]) => [name, schema.optional()])) as {
      [Name in keyof typeof settings]: z.ZodOptional<(typeof settings)[Name]>;
    },
  )
  .refine((body) => Object.keys(body).length > 0, 'give at least one field')
  .meta({ examples: [{ parked: 'allow' }] });
export type StopGateSettingsBody = z.infer<typeof StopGateSettingsBody>;
