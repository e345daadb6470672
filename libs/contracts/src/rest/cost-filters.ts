import { z } from 'zod';
import { CloudProvider } from './sync-elements.js';
import { qInt, qMany, qTime } from './query.js';

/** Where a charge comes from, best first. */
export const COST_ORIGINS = ['bill', 'provider_api', 'reported', 'metered'] as const;

const Tag = z.string().regex(/^[^:]{1,128}:.{0,256}$/s, 'expected key:value');

/** Keys of tags may hold commas: only those before another word of this list separate. */
const namesLacking = (value: unknown) =>
  [value]
    .flat()
    .flatMap((part: unknown) =>
      typeof part === 'string'
        ? part.split(/,(?=tag:|(?:region|account|instance_type|gpu_type|instance)(?:,|$))/)
        : [part],
    );

/** Which charges: the filters that every question about costs takes. */
export const costFilters = {
  days: qInt(1, 1_200)
    .optional()
    .meta({ description: 'Length of the window in UTC days, today included; 30 when nothing is said', examples: [30] }),
  start_date: qTime()
    .optional()
    .meta({ description: 'First day, UTC; `from` means the same', examples: ['2026-11-01'] }),
  end_date: qTime()
    .optional()
    .meta({ description: 'Last day, UTC, included; `to` means the same', examples: ['2026-11-22'] }),
  from: qTime().optional().describe('First day, UTC'),
  to: qTime().optional().describe('Last day, UTC, included'),
  service: qMany(z.string().min(1).max(256))
    .optional()
    .meta({
      description: 'Its exact name, which may hold commas; several times: any of them',
      examples: ['Amazon EC2'],
    }),
  instance_type: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .meta({ description: "The provider's type", examples: ['p5.48xlarge'] }),
  instance_id: z.string().min(1).max(256).optional().describe('Only of this instance: numeric or provider id'),
  cloud_provider: CloudProvider.optional(),
  region: z.string().min(1).max(128).optional().describe("The provider's region"),
  tag: z
    .union([Tag, z.array(Tag).max(10)])
    .optional()
    .meta({
      description: 'key:value; several values of one key: any of them, several keys: all of them',
      examples: ['team:search'],
    }),
  account_id: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .meta({ description: 'Account, subscription or project that it is charged to', examples: ['123456789012'] }),
  gpu_type: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .meta({ description: 'GPU model of the instance that it is for', examples: ['NVIDIA H100 80GB HBM3'] }),
  charge_category: z
    .enum(['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'])
    .optional()
    .meta({ description: 'FOCUS charge category', examples: ['Usage'] }),
  origin: z
    .enum(COST_ORIGINS)
    .optional()
    .meta({ description: 'Only what comes from there', examples: ['bill'] }),
  without: z
    .preprocess(
      namesLacking,
      z
        .array(z.string().regex(/^(region|account|instance_type|gpu_type|instance|tag:.{1,128})$/s))
        .min(1)
        .max(100),
    )
    .optional()
    .meta({
      description:
        'Only charges that lack all of these, several times or separated by commas: region, account, instance_type, gpu_type, instance, tag:<key>; the group `null` of /costs/breakdown',
      examples: ['tag:team'],
    }),
} as const;

export const CostFilters = z.strictObject(costFilters);
export type CostFilters = z.infer<typeof CostFilters>;

const DAY_MS = 86_400_000;
const dayOf = (moment: Date) => moment.toISOString().slice(0, 10);

/** A window of UTC days, both ends included, as `YYYY-MM-DD`. */
export interface CostWindow {
  readonly firstDay: string;
  readonly lastDay: string;
}

/**
 * The days that a question is about: `start_date`/`from` to `end_date`/`to`, or `days` up to the end, or 30.
 *
 * @returns the window, or the field that contradicts the others and what was expected of it
 */
export function costWindow(
  query: Pick<CostFilters, 'days' | 'start_date' | 'end_date' | 'from' | 'to'>,
  now: Date,
): CostWindow | { readonly field: string; readonly expected: string } {
  const start = query.start_date ?? query.from;
  const end = query.end_date ?? query.to ?? now;
  if (start !== undefined && query.days !== undefined && (query.end_date ?? query.to) !== undefined) {
    return { field: 'days', expected: 'days, or start_date and end_date, not all three' };
  }
  const lastDay = start !== undefined && query.days !== undefined ? shifted(start, query.days - 1) : dayOf(end);
  const firstDay = start !== undefined ? dayOf(start) : shifted(end, 1 - (query.days ?? 30));
  return firstDay <= lastDay ? { firstDay, lastDay } : { field: 'end_date', expected: `a day from ${firstDay} on` };
}

const shifted = (moment: Date, days: number) => dayOf(new Date(moment.getTime() + days * DAY_MS));
