import { z } from 'zod';
import { Currency, Money, Timestamp } from './common.js';

import { policyFields } from './enforcement-policies.js';

export const SimulatePolicyBody = z
  .strictObject({
    conditions: policyFields.conditions,
    lookback_days: z
      .int()
      .min(1)
      .max(90)
      .default(7)
      .meta({ description: 'How far back, from now', examples: [7] }),
    schedule: policyFields.schedule.default(null),
    cooldown_minutes: policyFields.cooldown_minutes.default(60),
    scope: policyFields.scope.default('all'),
    scope_filter: policyFields.scope_filter.default({}),
    protect_tags: policyFields.protect_tags.default([]),
    actions: policyFields.actions
      .optional()
      .describe('Left out: it stops every instance that triggers. Of several the first that stops counts'),
    cap_per_run_percent: policyFields.cap_per_run_percent.default(25),
    cap_per_day_percent: policyFields.cap_per_day_percent.default(50),
    gate: z
      .boolean()
      .default(true)
      .meta({
        description: 'Whether stops that the safe-stop gate would have refused are left out of the sums',
        examples: [true],
      }),
    sweep: z
      .boolean()
      .default(false)
      .meta({
        description:
          'Also what every other threshold and duration of its condition "gpu_utilization below" would have done',
        examples: [true],
      }),
    limit: z
      .int()
      .min(0)
      .max(10_000)
      .default(1_000)
      .meta({ description: 'Triggers and episodes in the answer, the newest; the sums are over all', examples: [100] }),
  })
  .meta({
    id: 'SimulatePolicyBody',
    examples: [
      {
        conditions: {
          operator: 'AND',
          rules: [
            { metric: 'gpu_utilization', operator: 'lt', threshold: 10, duration: 30 },
            { metric: 'daily_cost', operator: 'gt', threshold: 100 },
          ],
        },
        lookback_days: 7,
      },
    ],
  });
export type SimulatePolicyBody = z.infer<typeof SimulatePolicyBody>;

const count = (description: string, example: number) => z.int().meta({ description, examples: [example] });
const hours = (description: string, example: number) => z.number().meta({ description, examples: [example] });
const instance_id = z.string().meta({ description: "The provider's id", examples: ['i-0abc123'] });
const instance_number = z.int().meta({ description: 'The number of the instance', examples: [7] });

const Amount = z
  .object({ currency: Currency, amount: Money })
  .meta({ id: 'SimulatedAmount', description: 'Price × time, exact to twelve places' });

const avoidable = {
  avoidable: z
    .array(Amount)
    .describe("What the time off would have cost, in the tenant's currency, or in its own where nobody gave a rate"),
  priced_hours: hours('Hours off that are in `avoidable`', 310.5),
  unpriced_hours: hours('Hours off of instances that ran at a price nobody knows: not in `avoidable`, and not 0', 0),
  unsaved_hours: hours('Hours off that are paid for all the same: reserved capacity, owned machines', 0),
  unknown_hours: hours('Hours of which nobody knows whether the instance ran', 0),
};

const outcome = z.enum(['right', 'false_stop', 'undecided']).meta({
  description:
    'false_stop: busy again within 60 minutes. undecided: those 60 minutes are not over, or less than 90 % of them are known',
  examples: ['right'],
});

const precision = z
  .number()
  .nullable()
  .meta({ description: 'Right stops ÷ stops that are decided, 0 to 1; null: none is', examples: [0.78] });

export const ConditionMetNode = z
  .object({
    metric: z.string().meta({ examples: ['gpu_utilization'] }),
    operator: z.string().meta({ examples: ['lt'] }),
    threshold: z.number().meta({ examples: [10] }),
    duration: z.int().meta({ description: 'Minutes', examples: [30] }),
    value: z
      .number()
      .nullable()
      .meta({ description: 'In the minute that triggered; null: nothing was known of it', examples: [0] }),
  })
  .meta({ id: 'SimulatedConditionMet' });

const Trigger = z
  .object({
    timestamp: Timestamp.describe('Beginning of the minute of data that triggered'),
    instance_id: instance_id.nullable().describe("The provider's id; null: the conditions are about the tenant"),
    conditions_met: z.array(ConditionMetNode),
  })
  .meta({ id: 'SimulatedTrigger' });

const Episode = z
  .object({
    instance_id,
    instance_number,
    name: z.string().meta({ examples: ['trainer-7'] }),
    stopped_at: Timestamp.describe('When it would have been stopped'),
    off_until: Timestamp.describe('Busy again, started by somebody, or nothing is known of it any more'),
    busy_again_at: Timestamp.nullable().describe('null: not in the time looked at'),
    outcome,
    ...avoidable,
  })
  .meta({ id: 'SimulatedEpisode', description: 'A stop that would have been, and what it would have avoided' });

const Instance = z
  .object({
    instance_id,
    instance_number,
    name: z.string().meta({ examples: ['trainer-7'] }),
    triggers: count('Times that it triggered', 3),
    stops: count('Times that it would have been stopped: while it is off it cannot be stopped again', 2),
    false_stops: count('Of the stops: busy again within 60 minutes', 0),
    undecided_stops: count('Of the stops: nobody knows yet', 0),
    ...avoidable,
    simulated: z.boolean().meta({ description: 'Made-up data', examples: [false] }),
  })
  .meta({ id: 'SimulatedInstance' });

const SweepCell = z
  .object({
    threshold: z.number().meta({ description: 'Percent: utilisation below', examples: [5] }),
    duration: z.int().meta({ description: 'Minutes', examples: [120] }),
    triggers: count('Times that it would have triggered', 46),
    stops: count('Stops', 46),
    false_stops: count('Of the stops: busy again within 60 minutes', 9),
    undecided_stops: count('Of the stops: nobody knows yet', 5),
    precision,
    ...avoidable,
    avoidable_of_false_stops: z.array(Amount).describe('Of `avoidable`: what came of stops that were false'),
  })
  .meta({ id: 'SimulatedSweepCell' });

export const PolicySimulation = z
  .object({
    triggers: z.array(Trigger).describe('Oldest first; of more than `limit` the newest'),
    total_triggers: count('All of them', 12),
    affected_instances: z
      .array(instance_id)
      .describe('That triggered, or that a trigger of the tenant would have stopped'),
    episodes: z.array(Episode).describe('Oldest first; of more than `limit` the newest'),
    total_stops: count('Stops that would have been', 10),
    false_stops: count('Of the stops: busy again within 60 minutes', 1),
    undecided_stops: count('Of the stops: nobody knows yet', 1),
    precision,
    ...avoidable,
    instances: z.array(Instance).describe('The affected ones, most triggers first; at most `limit`'),
    blocked: z
      .object({
        schedule: count('Times that the conditions became true while the schedule was closed', 4),
        cooldown: count('Times that they became true within the cooldown', 2),
        protection: count('Triggers for protected instances', 0),
        gate: count('Triggers that the safe-stop gate would have refused', 3),
        gate_checks: z
          .record(z.string(), z.int())
          .meta({ description: 'How often each check of the gate was in the way', examples: [{ model_server: 3 }] }),
        quota: count('Triggers over the percentage that its action takes', 0),
        cap_per_run: count('Triggers over the cap of a run', 0),
        cap_per_day: count('Triggers over the cap of a day', 0),
      })
      .describe('What kept it from acting'),
    evaluated: z
      .object({
        instances: count('Instances in scope', 40),
        without_gpu_utilization: count('Of them: nothing is known of their GPUs in all the time', 0),
        from: Timestamp,
        to: Timestamp.describe('Excluded: the newest minute that is closed'),
        busy_from_percent: z.number().meta({ description: 'Utilisation that counts as busy again', examples: [5] }),
      })
      .describe('What was looked at'),
    sweep: z
      .object({
        metric: z.string().meta({ examples: ['gpu_utilization'] }),
        curve: z.array(SweepCell),
      })
      .nullable()
      .describe('With the schedule, cooldown and other conditions of the body; without gate, caps and protection'),
    notes: z.array(z.string()).meta({ description: 'What the figures leave out', examples: [[]] }),
    simulated: z.boolean().meta({ description: 'Made-up data is in it', examples: [false] }),
  })
  .meta({ id: 'PolicySimulation' });
