import { z } from 'zod';
import { id, kind, money, numbers, orNull, severity, text } from './parts.js';

const alert = z.object({
  alert_id: id('The alert'),
  alert_type: text('What kind of alert', 'high_temperature'),
  rule_id: orNull(id('The rule; null: built in')),
  severity,
  title: text('In a few words', 'GPU over 90 °C'),
  message: text('With the numbers', 'GPU 0 of trainer-7: 93 °C for 10 minutes'),
  subject: z
    .object({
      type: text('What it is about', 'instance'),
      id: text('Which', '7'),
      label: text('What people call it', 'trainer-7'),
    })
    .meta({ description: 'What the alert is about' }),
  occurrences: z.int().meta({ description: 'How often it fired since it opened', examples: [1] }),
  evidence: numbers('The numbers that made it fire'),
  actor: orNull(text('Who acknowledged, resolved or ignored it; null: the house itself', 'ada@example.com')),
  maintenance_window_id: orNull(id('The maintenance window that kept its notifications back')),
});
const ofAlert = (sentence: string) => kind('alert', sentence, alert);

const policy = z.object({
  policy_id: id('The policy'),
  name: text('What people call it', 'Stop idle machines at night'),
  policy_type: text('What kind of policy', 'idle_stop'),
  severity,
  execution_mode: z.enum(['automatic', 'approval_required', 'notify_only']).meta({ examples: ['automatic'] }),
  instance_ids: z.array(z.int()).meta({ description: 'The instances that it would act on', examples: [[7, 8]] }),
  action_ids: z.array(z.string()).meta({ description: 'Actions that it asked for', examples: [['act_7hk2m9']] }),
  blocked: z.array(z.object({ instance_id: orNull(z.int()), by: z.string(), reason: z.string() })).meta({
    description: 'What was kept back, by what, and why',
    examples: [[{ instance_id: 8, by: 'maintenance_window', reason: 'Saturday deploys is open until 04:00 UTC' }]],
  }),
  evidence: numbers('The numbers that made it trigger'),
});
const ofPolicy = (sentence: string) => kind('policy', sentence, policy);

const saving = z.object({
  saving_id: id('The entry of the ledger'),
  instance_id: orNull(id('The instance')),
  amount: money('What was saved'),
  currency: text('ISO 4217', 'USD'),
  estimated: orNull(money('What had been expected')),
  realisation_ratio: orNull(z.number().meta({ description: 'amount / estimated', examples: [0.92] })),
});

export const DECISION_EVENTS = {
  'alert.triggered': ofAlert('An alert opened.'),
  'alert.acknowledged': ofAlert('Somebody looks after an alert; it does not escalate any further.'),
  'alert.escalated': ofAlert('Nobody looked after an alert in time, and others were told.'),
  'alert.resolved': ofAlert('What an alert was about is over, or somebody closed it.'),
  'alert.ignored': ofAlert('Somebody decided that an alert is none.'),
  'policy.triggered': ofPolicy('The conditions of a policy came to hold.'),
  'policy.blocked': ofPolicy('A policy would have acted, and everything that it would have done was kept back.'),
  'policy.paused': ofPolicy('A policy was stopped because it started and stopped the same instances in turn.'),
  'budget.threshold_crossed': kind(
    'budget',
    'A threshold of a budget was reached.',
    z.object({
      alert_id: id('The entry of GET /budgets/alerts'),
      budget_id: orNull(id('The budget; null: it is gone')),
      name: text('What people call it', 'Search, monthly'),
      basis: text('What was compared: actual, forecast_p50, forecast_p80 or burn_rate', 'actual'),
      percent: z.number().meta({ description: 'The threshold', examples: [80] }),
      actual: money('What the period has cost so far'),
      amount: money('What it may cost'),
      currency: text('ISO 4217', 'USD'),
      period_start: text('First local day of the period', '2026-11-01'),
      period_end: text('Last local day of the period', '2026-11-30'),
      message: text(
        'In a sentence',
        'Search, monthly: 9,700 of 12,000 USD are spent, 80 %: the threshold of 80 % is reached.',
      ),
    }),
  ),
  'saving.estimated': kind('saving', 'A saving was entered in the ledger.', saving),
  'saving.observed': kind('saving', 'What was saved is known from how long the machine was off.', saving),
  'saving.verified': kind('saving', 'A saving was verified against the bill.', saving),
  'notification.failed': kind(
    'notification_channel',
    'A notification was given up after its last attempt.',
    z.object({
      channel_id: id('The channel'),
      name: text('What people call it', 'On call'),
      delivery_id: id('The entry of its delivery log'),
      attempts: z.int().meta({ examples: [8] }),
      reason: text('Why it failed', 'hooks.example.com answered 503.'),
    }),
  ),
} as const;
