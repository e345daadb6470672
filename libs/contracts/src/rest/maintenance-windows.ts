import { z } from 'zod';
import { Timestamp } from './common.js';
import { pageQuery, qTime } from './query.js';

const Moment = z.iso.datetime({ offset: true });

const Tags = z
  .record(z.string().min(1).max(128), z.string().max(256))
  .refine((tags) => Object.keys(tags).length > 0, { message: 'at least one tag is required' })
  .meta({ description: 'Instances that carry all of these tags', examples: [{ environment: 'production' }] });

const GivenScope = z
  .union([
    z.strictObject({ all: z.literal(true).meta({ description: 'Everything, also what is no instance' }) }),
    z.strictObject({ tags: Tags }),
    z.strictObject({
      instance_ids: z
        .array(z.union([z.int().positive(), z.string().min(1).max(256)]))
        .min(1)
        .max(1000)
        .meta({ description: 'Instances by number or provider id', examples: [[7, 'i-0abc123def4567890']] }),
    }),
  ])
  .meta({
    description: 'What it is about: `{"all": true}`, `{"tags": {…}}` or `{"instance_ids": […]}`',
    examples: [{ tags: { environment: 'production' } }],
  });

const fields = {
  name: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .meta({ examples: ['Saturday deploys'] }),
  start_time: Moment.meta({ description: 'When it opens first', examples: ['2026-11-28T02:00:00Z'] }),
  end_time: Moment.meta({ description: 'When this first opening ends', examples: ['2026-11-28T04:00:00Z'] }),
  recurrence: z
    .string()
    .min(1)
    .max(2000)
    .nullable()
    .meta({
      description:
        'RRULE of RFC 5545, HOURLY to YEARLY, with lines EXDATE after it if needed; null: it opens once. It opens and closes by the clock of `timezone`, also when clocks change',
      examples: ['FREQ=WEEKLY;BYDAY=SA'],
    }),
  timezone: z
    .string()
    .min(1)
    .max(100)
    .meta({ description: 'IANA name', examples: ['Europe/Berlin'] }),
  scope: GivenScope,
  suppress_alerts: z.boolean().meta({ description: 'Alerts are recorded, and nobody is told', examples: [true] }),
  suppress_enforcement: z.boolean().meta({ description: 'Policies act on nothing in it', examples: [true] }),
};

export const CreateMaintenanceWindowBody = z
  .strictObject({
    ...fields,
    recurrence: fields.recurrence.default(null),
    timezone: fields.timezone.optional().describe("IANA name; the tenant's own when left out"),
    suppress_alerts: fields.suppress_alerts.default(true),
    suppress_enforcement: fields.suppress_enforcement.default(true),
  })
  .meta({
    id: 'CreateMaintenanceWindowBody',
    examples: [
      {
        name: 'Saturday deploys',
        start_time: '2026-11-28T02:00:00Z',
        end_time: '2026-11-28T04:00:00Z',
        recurrence: 'FREQ=WEEKLY;BYDAY=SA',
        timezone: 'Europe/Berlin',
        scope: { tags: { environment: 'production' } },
      },
    ],
  });
export type CreateMaintenanceWindowBody = z.infer<typeof CreateMaintenanceWindowBody>;

export const UpdateMaintenanceWindowBody = z
  .strictObject(fields)
  .partial()
  .refine((body) => Object.keys(body).length > 0, { message: 'at least one field is required' })
  .meta({ id: 'UpdateMaintenanceWindowBody', examples: [{ end_time: '2026-11-28T05:00:00Z' }] });
export type UpdateMaintenanceWindowBody = z.infer<typeof UpdateMaintenanceWindowBody>;

const Opening = z.object({ starts_at: Timestamp, ends_at: Timestamp });

export const MaintenanceWindow = z
  .object({
    id: z.int().meta({ examples: [1] }),
    ...fields,
    start_time: Timestamp,
    end_time: Timestamp,
    scope: z
      .union([
        z.object({ all: z.literal(true) }),
        z.object({ tags: z.record(z.string(), z.string()) }),
        z.object({ instance_ids: z.array(z.int()) }),
      ])
      .meta({ description: 'Instances by number', examples: [{ tags: { environment: 'production' } }] }),
    active: z.boolean().meta({ description: 'It is open now', examples: [false] }),
    current: Opening.nullable().meta({
      description: 'The opening that it is in; null: it is closed',
      examples: [null],
    }),
    next: z.array(Opening).meta({
      description: 'The next openings after that, five at most; empty: it does not open any more',
      examples: [[{ starts_at: '2026-11-28T01:00:00.000Z', ends_at: '2026-11-28T03:00:00.000Z' }]],
    }),
    created_by: z.string().meta({ examples: ['ada@example.com'] }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'MaintenanceWindow' });

export const MaintenanceWindowQuery = z.strictObject(pageQuery);
export type MaintenanceWindowQuery = z.infer<typeof MaintenanceWindowQuery>;

export const MaintenanceOpeningsQuery = z.strictObject({
  from: qTime().describe('Openings that end after this moment'),
  to: qTime().describe('Openings that start before this moment; at most 100 days after from'),
});
export type MaintenanceOpeningsQuery = z.infer<typeof MaintenanceOpeningsQuery>;

export const MaintenanceOpenings = z
  .object({
    openings: z.array(
      z.object({ window_id: z.int().meta({ examples: [1] }), starts_at: Timestamp, ends_at: Timestamp }),
    ),
    truncated: z.boolean().meta({
      description: 'A window has more than 500 openings in this time: the later ones are left out',
      examples: [false],
    }),
  })
  .meta({ id: 'MaintenanceOpenings', description: 'When windows are open, ascending; recurrence is worked out' });

export const MaintenancePreview = z
  .object({
    timezone: z.string().meta({ description: 'By whose clock', examples: ['Europe/Berlin'] }),
    openings: z.array(Opening).describe('The next eight; empty: it is over'),
  })
  .meta({ id: 'MaintenancePreview' });
