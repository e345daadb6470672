import { z } from 'zod';
import { Timestamp } from './common.js';
import { pageQuery, qBool } from './query.js';

export const CostImportQuery = z.strictObject({
  file_name: z
    .string()
    .min(1)
    .max(300)
    .optional()
    .meta({ description: 'What the file is called, for the list of imports', examples: ['2026-10.csv'] }),
  dates: z
    .enum(['iso', 'mdy', 'dmy'])
    .default('iso')
    .meta({ description: 'How the file writes days like 4/1/25; FOCUS itself writes ISO 8601', examples: ['iso'] }),
  strict: qBool()
    .default(false)
    .meta({ description: 'Store nothing if any row is not right', examples: [false] }),
  mode: z
    .enum(['merge', 'replace'])
    .default('merge')
    .meta({
      description:
        'merge: the file adds charges and corrects known ones. replace: each bill in the file (provider, billing account, billing period) is then in the ledger as the file has it, and charges that it lacks are taken out; refused unless every row is right and the bills are whole',
      examples: ['merge'],
    }),
  shrink: qBool()
    .default(false)
    .meta({ description: 'With replace: a bill may have become shorter by more than a tenth', examples: [false] }),
  dry_run: qBool()
    .default(false)
    .meta({ description: 'Say what would be stored, and store nothing', examples: [false] }),
});
export type CostImportQuery = z.infer<typeof CostImportQuery>;

const count = (description: string, example = 0) => z.int().meta({ description, examples: [example] });

export const CostImport = z
  .object({
    id: z
      .int()
      .nullable()
      .meta({ description: 'null: a dry run', examples: [1] }),
    rows: count('Rows of the file without its header', 1000),
    accepted: count('New charges', 998),
    updated: count('Charges that were known with another content; the new one counts'),
    duplicates: count('Charges that were known as they are'),
    removed: count('With replace: charges that the bills do not have any more'),
    mode: z.enum(['merge', 'replace']).meta({ examples: ['merge'] }),
    bills: z
      .array(
        z.object({
          cloud_provider: z.string().meta({ examples: ['aws'] }),
          billing_account_id: z
            .string()
            .nullable()
            .meta({ description: 'null: the bill names none', examples: ['123456789012'] }),
          period_start: z.iso.date().meta({ description: 'UTC day that the bill begins on', examples: ['2026-10-01'] }),
          currency: z.string().meta({ examples: ['USD'] }),
          charges_before: count('Charges of the bill in the ledger before', 1000),
          billed_before: z.number().meta({ description: 'What they come to, as billed', examples: [812.5] }),
          charges_after: count('Charges of the bill in the file', 998),
          billed_after: z.number().meta({ description: 'What they come to, as billed', examples: [811.25] }),
        }),
      )
      .describe('With replace: what becomes of each bill; none with merge'),
    rejected: count('Rows that are no charge and were left out', 2),
    rejections: z
      .array(
        z.object({
          line: z.int().meta({ description: 'Line of the file; the header is line 1', examples: [17] }),
          column: z
            .string()
            .nullable()
            .meta({ description: 'null: the row as a whole', examples: ['BilledCost'] }),
          error: z.string().meta({ examples: ['BilledCost: "1,5" is not a decimal number such as -12.50'] }),
        }),
      )
      .describe('The first thousand of them'),
    first_day: z.iso
      .date()
      .nullable()
      .meta({ description: 'First UTC day of what was stored', examples: ['2026-10-01'] }),
    last_day: z.iso
      .date()
      .nullable()
      .meta({ description: 'Last UTC day of what was stored', examples: ['2026-10-31'] }),
    without_rate: z.array(z.string()).meta({
      description:
        'Currencies of the file that have no rate to the tenant’s on the first day that they are charged on. Their amounts are kept, listed as unconverted and in no total, until PUT /currency-rates gives one',
      examples: [[]],
    }),
    dry_run: z.boolean().meta({ examples: [false] }),
  })
  .meta({ id: 'CostImport' });

export const CostImportListQuery = z.strictObject({ ...pageQuery });
export type CostImportListQuery = z.infer<typeof CostImportListQuery>;

/** What the list of imports says of each. */
export const CostImportEntry = CostImport.omit({ dry_run: true, bills: true, without_rate: true })
  .extend({
    id: z.int().meta({ examples: [1] }),
    file_name: z
      .string()
      .nullable()
      .meta({ description: 'null: the caller named none', examples: ['2026-10.csv'] }),
    bytes: count('As it came', 123456),
    imported_by: z.string().meta({ examples: ['admin@example.com'] }),
    imported_at: Timestamp,
  })
  .meta({ id: 'CostImportEntry' });
