import { z } from 'zod';
import { DigestMinutes, DigestMode, NotificationPriority, NotificationTemplate } from './notification-channels.js';

const clock = (last: RegExp) => z.string().regex(last, 'must be HH:MM');

export const QuietHours = z
  .strictObject({
    timezone: z
      .string()
      .min(1)
      .max(100)
      .meta({ description: 'IANA name', examples: ['Europe/Berlin'] }),
    active_hours: z
      .strictObject({
        start: clock(/^([01]\d|2[0-3]):[0-5]\d$/).meta({ examples: ['22:00'] }),
        end: clock(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/).meta({ examples: ['06:00'] }),
      })
      .meta({ description: 'May cross midnight', examples: [{ start: '22:00', end: '06:00' }] }),
    active_days: z
      .array(z.int().min(1).max(7))
      .min(1)
      .max(7)
      .default([1, 2, 3, 4, 5, 6, 7])
      .meta({ description: 'Days on which they begin: 1 is Monday', examples: [[1, 2, 3, 4, 5, 6, 7]] }),
  })
  .meta({
    id: 'QuietHours',
    description: 'Messages of these hours wait until they end, and come as a digest then',
    examples: [{ timezone: 'Europe/Berlin', active_hours: { start: '22:00', end: '06:00' } }],
  });
export type QuietHours = z.infer<typeof QuietHours>;

const domain = z
  .string()
  .toLowerCase()
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/, 'must be a domain such as example.com');

const fields = {
  min_priority: NotificationPriority.describe('Less urgent alerts go to channels that a rule names only'),
  quiet_hours: QuietHours.nullable().describe('null: none'),
  critical_passes_quiet_hours: z.boolean().meta({ description: 'Critical alerts do not wait', examples: [true] }),
  digest_mode: DigestMode.describe('Of channels that do not say'),
  digest_interval_minutes: DigestMinutes.describe('Of channels that do not say'),
  template: NotificationTemplate.nullable().describe('Of channels without their own; null: our own words'),
  email_domains: z
    .array(domain)
    .max(50)
    .nullable()
    .meta({
      description: 'The only domains that e-mail channels may write to; null: any that the installation allows',
      examples: [['example.com']],
    }),
  notification_trigger_mode: z.enum(['scan_complete', 'waste_only']).meta({
    description: 'Of scans: tell each that is complete, or those that found waste',
    examples: ['waste_only'],
  }),
};

export const NotificationPolicy = z
  .object(fields)
  .meta({ id: 'NotificationPolicy', description: 'What holds for all channels of the tenant' });
export type NotificationPolicy = z.infer<typeof NotificationPolicy>;

export const UpdateNotificationPolicyBody = z
  .strictObject(fields)
  .partial()
  .refine((body) => Object.keys(body).length > 0, 'names nothing to change')
  .meta({
    id: 'UpdateNotificationPolicyBody',
    examples: [{ quiet_hours: { timezone: 'Europe/Berlin', active_hours: { start: '22:00', end: '06:00' } } }],
  });
export type UpdateNotificationPolicyBody = z.infer<typeof UpdateNotificationPolicyBody>;
