import { z } from 'zod';

const GROUPS = ['AND', 'OR', 'NOT'] as const;
const COMPARISONS = ['gt', 'lt', 'gte', 'lte', 'eq', 'not_eq'] as const;

const EXAMPLE = {
  operator: 'AND' as const,
  rules: [
    { metric: 'gpu_utilization', operator: 'lt' as const, threshold: 10, duration: 30 },
    { metric: 'daily_cost', operator: 'gt' as const, threshold: 100 },
  ],
};

/** A comparison, or a group of rules. One shape for both, so that an error names the field and not "no alternative fits". */
export interface ConditionNode {
  operator: (typeof GROUPS)[number] | (typeof COMPARISONS)[number];
  rules?: ConditionNode[] | undefined;
  metric?: string | undefined;
  threshold?: number | undefined;
  duration?: number | undefined;
  across_gpus?: 'any' | 'all' | undefined;
  missing_data?: 'breaks' | 'ignored' | undefined;
  statistic?: 'min' | 'avg' | 'max' | undefined;
}

/** Nested conditions, as rules, policies and simulations take them. Names and numbers are checked by the room. */
export const ConditionNode: z.ZodType<ConditionNode, ConditionNode> = z
  .strictObject({
    operator: z.enum([...GROUPS, ...COMPARISONS]).meta({
      description: 'AND, OR, NOT with `rules`; gt, lt, gte, lte, eq, not_eq with `metric` and `threshold`',
      examples: ['AND'],
    }),
    get rules() {
      return z
        .array(ConditionNode)
        .min(1)
        .max(64)
        .optional()
        .meta({ description: 'Of AND and OR one or more, of NOT exactly one', examples: [EXAMPLE.rules] });
    },
    metric: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .meta({ description: 'What is compared; the guide lists every metric', examples: ['gpu_utilization'] }),
    threshold: z
      .number()
      .optional()
      .meta({ description: 'In the unit of the metric', examples: [10] }),
    duration: z
      .int()
      .min(0)
      .max(10_080)
      .optional()
      .meta({ description: 'Minutes on end that it has to hold, on data; 0 and 1: the newest minute', examples: [30] }),
    across_gpus: z
      .enum(['any', 'all'])
      .optional()
      .meta({
        description: 'Of several GPUs; left out: any for gt and gte, eq, not_eq, all for lt and lte',
        examples: ['all'],
      }),
    missing_data: z
      .enum(['breaks', 'ignored'])
      .optional()
      .meta({
        description:
          'breaks: a minute without data begins the duration anew; ignored: short gaps do not. Neither ever satisfies',
        examples: ['breaks'],
      }),
    statistic: z
      .enum(['min', 'avg', 'max'])
      .optional()
      .meta({
        description: 'Which number of the minute; left out: the highest for lt and lte, the mean otherwise',
        examples: ['max'],
      }),
  })
  .superRefine((node, context) => {
    const say = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if ((GROUPS as readonly string[]).includes(node.operator)) {
      if (!node.rules) say('rules', `expected the rules that ${node.operator} combines`);
      for (const field of ['metric', 'threshold', 'duration', 'across_gpus', 'missing_data', 'statistic'] as const) {
        if (node[field] !== undefined)
          say(field, `belongs to a comparison, and ${node.operator} is a group: put it into one of its rules`);
      }
      return;
    }
    if (node.rules) say('rules', `belongs to a group, and ${node.operator} is a comparison: use AND, OR or NOT`);
    if (node.metric === undefined) say('metric', 'expected the name of a metric');
    if (node.threshold === undefined) say('threshold', 'expected a number in the unit of the metric');
  })
  .meta({ id: 'ConditionNode', description: 'A comparison, or a group of rules', examples: [EXAMPLE] });

/** When something is in force. */
export const WeekSchedule = z
  .strictObject({
    timezone: z
      .string()
      .min(1)
      .max(64)
      .default('UTC')
      .meta({ description: 'IANA name', examples: ['America/New_York'] }),
    active_hours: z
      .strictObject({
        start: z
          .string()
          .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected HH:MM between 00:00 and 23:59')
          .meta({ description: 'First minute, by the wall clock', examples: ['08:00'] }),
        end: z
          .string()
          .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'expected HH:MM between 00:00 and 24:00')
          .meta({ description: 'First minute after it; not later than start: on the next day', examples: ['22:00'] }),
      })
      .default({ start: '00:00', end: '24:00' })
      .meta({ examples: [{ start: '08:00', end: '22:00' }] }),
    active_days: z
      .array(z.int().min(1).max(7))
      .max(7)
      .default([1, 2, 3, 4, 5, 6, 7])
      .meta({
        description: 'ISO weekdays on which a span begins: 1 is Monday, 7 is Sunday',
        examples: [[1, 2, 3, 4, 5]],
      }),
  })
  .meta({ id: 'WeekSchedule', description: 'By the wall clock of its time zone, also when clocks are set' });
export type WeekSchedule = z.infer<typeof WeekSchedule>;
