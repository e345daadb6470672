import { z } from 'zod';

const POWER = ['stop_instances', 'start_instances', 'scale_down_instances'] as const;

export const PolicyTag = z
  .strictObject({
    key: z
      .string()
      .min(1)
      .max(128)
      .meta({ examples: ['environment'] }),
    value: z
      .string()
      .max(256)
      .nullable()
      .default(null)
      .meta({ description: 'null: any', examples: ['production'] }),
  })
  .meta({ id: 'PolicyTag' });

export const PolicyAction = z
  .strictObject({
    type: z
      .string()
      .regex(
        /^(stop_instances|start_instances|scale_down_instances|tag_instances|notify_[a-z0-9_]{1,48})$/,
        'expected stop_instances, start_instances, scale_down_instances, tag_instances or notify_<whom>',
      )
      .meta({
        description:
          'stop_instances and scale_down_instances stop, the second a part of them; notify_<whom> raises an alert',
        examples: ['scale_down_instances'],
      }),
    target: z
      .enum(['lowest_utilization', 'longest_idle', 'most_expensive'])
      .optional()
      .meta({ description: 'Who is taken first', examples: ['lowest_utilization'] }),
    percentage: z
      .number()
      .gt(0)
      .max(100)
      .optional()
      .meta({
        description:
          'Of the instances that triggered in that minute and may be acted on, rounded down, at least one; left out: 100, for scale_down 25',
        examples: [30],
      }),
    only_when_idle: z
      .boolean()
      .optional()
      .meta({
        description:
          'Stops only. true (left out): a machine that is at work is left alone. false: it is stopped all the same',
        examples: [true],
      }),
    tags: z
      .record(z.string().min(1).max(128), z.string().max(256))
      .optional()
      .meta({ description: 'What tag_instances sets', examples: [{ idle: 'true' }] }),
    channels: z
      .array(z.union([z.int().min(1), z.string().min(1).max(200)]))
      .min(1)
      .max(20)
      .optional()
      .meta({
        description:
          'Whom notify_ tells: ids, names or types of channels; left out: every channel that takes such alerts',
        examples: [['slack', 'email']],
      }),
    message: z
      .string()
      .trim()
      .min(1)
      .max(1000)
      .optional()
      .meta({ description: 'Put before what the policy says by itself', examples: ['Please look at the budget'] }),
  })
  .superRefine((action, context) => {
    const power = (POWER as readonly string[]).includes(action.type);
    const notice = action.type.startsWith('notify_');
    const only = (field: keyof typeof action, fits: boolean, where: string) => {
      if (action[field] !== undefined && !fits) {
        context.addIssue({ code: 'custom', path: [field], message: `belongs to ${where}, not to ${action.type}` });
      }
    };
    only('target', power, 'actions that start or stop');
    only('percentage', power, 'actions that start or stop');
    only('only_when_idle', power && action.type !== 'start_instances', 'actions that stop');
    only('tags', action.type === 'tag_instances', 'tag_instances');
    only('channels', notice, 'notify_ actions');
    only('message', notice, 'notify_ actions');
    if (action.type === 'tag_instances' && Object.keys(action.tags ?? {}).length === 0) {
      context.addIssue({ code: 'custom', path: ['tags'], message: 'expected at least one tag to set' });
    }
  })
  .meta({ id: 'PolicyAction' });
export type PolicyAction = z.infer<typeof PolicyAction>;
