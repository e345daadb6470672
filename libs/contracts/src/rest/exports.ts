import { z } from 'zod';
import { ActionQuery } from './actions.js';
import { aiSpendFilters } from './ai-spend.js';
import { alertFilters } from './alerts.js';
import { AuditQuery } from './audit.js';
import { costFilters } from './cost-filters.js';
import { InstanceQuery, InstanceRef } from './instances.js';
import { InstanceMetricsQuery } from './metrics.js';
import { qBool } from './query.js';

export const EXPORT_FORMATS = ['csv', 'json', 'pdf'] as const;
const COST_FORMATS = [...EXPORT_FORMATS, 'focus'] as const;
export type ExportFormat = (typeof COST_FORMATS)[number];

const options = {
  format: z
    .enum(EXPORT_FORMATS)
    .default('csv')
    .meta({
      description: 'csv: RFC 4180. json: one object a line. pdf: a report of at most 10,000 rows',
      examples: ['csv'],
    }),
  bom: qBool()
    .default(false)
    .meta({
      description: 'csv: begin with a byte order mark, by which older spreadsheets know UTF-8',
      examples: [false],
    }),
};
export const ExportOptions = z.strictObject({ ...options, format: z.enum(COST_FORMATS) });
export type ExportOptions = z.infer<typeof ExportOptions>;

const paging = { page: true, limit: true, cursor: true } as const;

export const ExportInstancesQuery = z.strictObject({
  ...options,
  ...InstanceQuery.omit({ ...paging, sort: true }).shape,
});
export type ExportInstancesQuery = z.infer<typeof ExportInstancesQuery>;

export const ExportCostsQuery = z.strictObject({
  ...options,
  format: z
    .enum(COST_FORMATS)
    .default('csv')
    .meta({
      description:
        'csv: RFC 4180. json: one object a line. pdf: a report of at most 10,000 rows. focus: a CSV with the columns of FOCUS 1.2, for programs: POST /costs/import takes it',
      examples: ['csv'],
    }),
  ...costFilters,
});
export type ExportCostsQuery = z.infer<typeof ExportCostsQuery>;

export const ExportAiSpendQuery = z.strictObject({ ...options, ...aiSpendFilters });
export type ExportAiSpendQuery = z.infer<typeof ExportAiSpendQuery>;

export const ExportActionsQuery = z.strictObject({ ...options, ...ActionQuery.omit(paging).shape });
export type ExportActionsQuery = z.infer<typeof ExportActionsQuery>;

export const ExportAuditQuery = z.strictObject({ ...options, ...AuditQuery.omit(paging).shape });
export type ExportAuditQuery = z.infer<typeof ExportAuditQuery>;

export const ExportAlertsQuery = z.strictObject({ ...options, ...alertFilters });
export type ExportAlertsQuery = z.infer<typeof ExportAlertsQuery>;

export const ExportMetricsQuery = z.strictObject({
  ...options,
  ...InstanceMetricsQuery.omit({ limit: true, aggregate: true, resolution: true }).shape,
  instance_id: InstanceRef.optional().describe('Numeric or provider id; all instances when left out'),
  resolution: z
    .enum(['raw', '1m', '1h'])
    .default('1m')
    .meta({ description: 'A row per sample, minute or hour', examples: ['1m'] }),
});
export type ExportMetricsQuery = z.infer<typeof ExportMetricsQuery>;
