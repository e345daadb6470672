import { z } from 'zod';
import { Timestamp } from './common.js';
import { InstanceRef } from './instances.js';
import { Id, pageQuery, qBool, qTime } from './query.js';
import { SEVERITIES } from './sync-elements.js';

export const ALERT_STATUSES = ['active', 'resolved', 'ignored'] as const;
const SOURCES = ['rule', 'built_in', 'agent', 'budget', 'policy'] as const;

export const Severity = z.enum(SEVERITIES).meta({ description: 'low, medium, high or critical', examples: ['high'] });
export const AlertType = z
  .string()
  .regex(/^[a-z0-9_]{1,64}$/, 'expected lower-case letters, digits and _')
  .meta({ description: 'What channels choose by', examples: ['metric_threshold'] });
const AlertStatus = z.enum(ALERT_STATUSES).meta({
  description:
    'active: it goes on, acknowledged or not. resolved: it is over, or a person closed it. ignored: a person decided that it is none; it stays so until its condition ended',
  examples: ['active'],
});

export const EscalationStep = z
  .strictObject({
    after_minutes: z
      .int()
      .min(1)
      .max(10_080)
      .meta({ description: 'After the alert was told of, if nobody acknowledged it', examples: [15] }),
    notification_channel_ids: z
      .array(z.int().min(1))
      .min(1)
      .max(50)
      .meta({ description: 'Who is told then', examples: [[2]] }),
  })
  .meta({ id: 'EscalationStep' });

const person = (what: string) =>
  z
    .string()
    .nullable()
    .meta({ description: `Who ${what}; null: nobody, or the house itself`, examples: ['ada@example.com'] });
const moment = (description: string) => Timestamp.nullable().describe(description);

export const Alert = z
  .object({
    id: z.int().meta({ examples: [1] }),
    alert_type: AlertType,
    source: z.enum(SOURCES).meta({ description: 'Where it comes from; agent: POST /sync', examples: ['rule'] }),
    rule_id: z
      .int()
      .nullable()
      .meta({ description: 'null: no rule of /alert-rules, or it was deleted', examples: [1] }),
    rule_name: z
      .string()
      .nullable()
      .meta({ examples: ['High GPU Temperature'] }),
    built_in: z
      .string()
      .nullable()
      .meta({ description: 'Key of the built-in rule', examples: [null] }),
    severity: Severity,
    status: AlertStatus,
    acknowledged: z.boolean().meta({ description: 'Somebody looks after it: no escalation', examples: [false] }),
    title: z.string().meta({ examples: ['High GPU Temperature: trainer-7'] }),
    message: z.string().meta({ examples: ['GPU 3 of trainer-7: temperature is 93 °C, above 85 °C for 10 minutes.'] }),
    subject: z
      .object({
        type: z.string().meta({
          description: 'instance, gpu, agent, budget, tenant, policy or control_plane',
          examples: ['instance'],
        }),
        id: z.string().meta({ description: 'Tells it from others of its type', examples: ['7'] }),
        label: z.string().meta({ examples: ['trainer-7'] }),
      })
      .meta({ description: 'What it is about' }),
    instance: z
      .object({
        id: z.int().meta({ examples: [7] }),
        instance_id: z.string().meta({ description: "The provider's id", examples: ['i-0abc123def456'] }),
        name: z
          .string()
          .nullable()
          .meta({ examples: ['trainer-7'] }),
      })
      .nullable()
      .meta({ description: 'The instance that it is about or that its subject belongs to' }),
    evidence: z
      .record(z.string(), z.unknown())
      .meta({ description: 'The numbers that made it fire last', examples: [{ value: 93, threshold: 85 }] }),
    occurrences: z.int().meta({
      description: 'How often it began to fire, or was reported, since this alert was opened',
      examples: [1],
    }),
    first_fired_at: Timestamp,
    last_fired_at: Timestamp.describe('When it last began to fire or was last reported'),
    ended_at: moment('When its condition was over; null: it goes on, whatever a person said'),
    acknowledged_at: moment('null: nobody has'),
    acknowledged_by: person('acknowledged it'),
    resolved_at: moment('null: it is not'),
    resolved_by: person('resolved it'),
    ignored_at: moment('null: it is not'),
    ignored_by: person('ignored it'),
    comment: z
      .string()
      .nullable()
      .meta({ description: 'What a person said last', examples: [null] }),
    notified_at: moment('When channels were told last that it fires; null: not yet'),
    escalation_step: z.int().meta({ description: 'Steps of its escalation that were taken', examples: [0] }),
    next_escalation_at: moment('null: none is due'),
    suppressed: z
      .object({
        window_id: z.int().meta({ examples: [3] }),
        window_name: z.string().meta({ examples: ['Saturday Deploy Window'] }),
        ends_at: Timestamp,
      })
      .nullable()
      .meta({ description: 'The maintenance window that kept its notification back until it ends; null: none' }),
    simulated: z.boolean().meta({ description: 'It is about something made up', examples: [false] }),
  })
  .meta({ id: 'Alert' });

export const AlertEvent = z
  .object({
    id: z.int().meta({ examples: [1] }),
    at: Timestamp,
    kind: z
      .enum([
        ...(['fired', 'fired_again', 'notified', 'suppressed', 'escalated'] as const),
        ...(['acknowledged', 'ignored', 'resolved', 'ended'] as const),
      ])
      .meta({ description: 'ended: its condition is over after a person closed it', examples: ['fired'] }),
    actor: person('did it'),
    details: z
      .record(z.string(), z.unknown())
      .meta({ description: 'The numbers, or what the person said', examples: [{ value: 93, threshold: 85 }] }),
  })
  .meta({ id: 'AlertEvent' });

export const AlertDetail = z
  .object({
    ...Alert.shape,
    history: z.array(AlertEvent).describe('What happened to it, newest first; at most 200 lines'),
    deliveries: z
      .array(
        z.object({
          channel_id: z.int().meta({ examples: [1] }),
          channel_name: z.string().meta({ examples: ['Engineering Slack'] }),
          kind: z.string().meta({ description: 'trigger, acknowledge, resolve or escalate', examples: ['trigger'] }),
          state: z.string().meta({ description: 'Where it stands in the outbox', examples: ['delivered'] }),
          at: Timestamp,
        }),
      )
      .describe('Who was told, newest first; at most 50'),
  })
  .meta({ id: 'AlertDetail' });

const filters = {
  status: z
    .enum(ALERT_STATUSES)
    .optional()
    .meta({ description: 'Only of this status', examples: ['active'] }),
  acknowledged: qBool()
    .optional()
    .meta({ description: 'Only those that are, or are not, acknowledged', examples: [false] }),
  alert_type: AlertType.optional().describe('Only of this type'),
  severity: z
    .enum(SEVERITIES)
    .optional()
    .meta({ description: 'Only of this severity', examples: ['critical'] }),
  instance_id: InstanceRef.optional().describe('Only about this instance: its numeric or its provider id'),
  rule_id: Id.optional().describe('Only of this rule'),
  from: qTime().optional().describe('Last fired at this moment or later'),
  to: qTime().optional().describe('Last fired before this moment'),
};
export const AlertQuery = z.strictObject({ ...pageQuery, ...filters });
export type AlertQuery = z.infer<typeof AlertQuery>;
export const alertFilters = filters;

const counts = (description: string, example: Record<string, number>) =>
  z.record(z.string(), z.int()).meta({ description, examples: [example] });
export const AlertSummary = z
  .object({
    total: z.int().meta({ examples: [12] }),
    unacknowledged: z.int().meta({ description: 'Active, and nobody looks after them', examples: [2] }),
    by_status: counts('Alerts by status', { active: 3, resolved: 8, ignored: 1 }),
    by_type: counts('Alerts by type, of every status', { metric_threshold: 9, agent_silent: 3 }),
    active_by_type: counts('Active ones by type', { metric_threshold: 2, agent_silent: 1 }),
    active_by_severity: counts('Active ones by severity', { critical: 1, high: 2 }),
  })
  .meta({ id: 'AlertSummary' });

export const AlertCommentBody = z
  .strictObject({
    comment: z
      .string()
      .trim()
      .min(1)
      .max(2_000)
      .nullable()
      .default(null)
      .meta({ description: 'Kept with the alert', examples: ['Fan replaced.'] }),
  })
  .default({ comment: null })
  .meta({ id: 'AlertCommentBody' });
export type AlertCommentBody = z.infer<typeof AlertCommentBody>;

export const BulkAlertsBody = z
  .strictObject({
    operation: z.enum(['acknowledge', 'resolve', 'ignore']).meta({ examples: ['acknowledge'] }),
    alert_ids: z
      .array(z.int().min(1))
      .min(1)
      .max(500)
      .meta({ description: 'At most 500', examples: [[1, 2]] }),
    comment: z
      .string()
      .trim()
      .min(1)
      .max(2_000)
      .nullable()
      .default(null)
      .meta({ description: 'Kept with each', examples: [null] }),
  })
  .meta({ id: 'BulkAlertsBody' });
export type BulkAlertsBody = z.infer<typeof BulkAlertsBody>;

export const BulkAlerts = z
  .object({
    changed: z.array(z.int()).meta({ description: 'Alerts that changed', examples: [[1]] }),
    unchanged: z.array(z.int()).meta({ description: 'Alerts that were so already, or are over', examples: [[2]] }),
    not_found: z.array(z.int()).meta({ examples: [[]] }),
  })
  .meta({ id: 'BulkAlerts' });
