import { z } from 'zod';
import { ActionId } from './actions.js';
import { Timestamp } from './common.js';

/** Elements of all sections of one body. */
export const SYNC_MOST_ELEMENTS = 100_000;

const section = (what: string) => z.array(z.unknown()).optional().describe(what);

export const SyncControl = z
  .strictObject({
    kind: z
      .string()
      .min(1)
      .max(64)
      .meta({ examples: ['redfish'] }),
    verbs: z
      .array(z.string().min(1).max(32))
      .max(32)
      .meta({ examples: [['start', 'stop']] }),
    instance_ids: z.array(z.string().min(1).max(256)).max(10_000).default([]),
    scope: z.record(z.string().max(64), z.string().max(256)).default({}),
    level: z.enum(['power', 'workload']).default('power'),
  })
  .meta({ id: 'SyncControl' });

export const SyncBody = z
  .looseObject({
    instances: section('Instances; see InstanceElement'),
    metrics: section('Samples; see MetricElement'),
    errors: section('Errors of the agent; see ErrorElement'),
    costs: section('Charges; see CostElement. A changed amount for a known charge is counted as updated'),
    ai_spend: section('Usage of AI models: AiSpendElement'),
    alerts: section('Something fires: the same alert_type, instance and dedup_key is the same alert'),
    controls: z
      .array(SyncControl)
      .max(256)
      .optional()
      .describe(
        'What this agent can act on. Left out: everything that it reports; empty: nothing. Kinds other than self, command and systemd need a grant of an admin (PATCH /agents/{id})',
      ),
    running_actions: z
      .array(z.strictObject({ action_id: ActionId, fence: z.int().min(1) }))
      .max(1000)
      .optional()
      .describe('Actions that were accepted and are being carried out: keeps their leases'),
    cleared_health: z
      .array(z.int().min(1))
      .max(1000)
      .optional()
      .describe('Ids of `clear_health` of earlier answers that the agent took'),
  })
  .meta({
    examples: [
      {
        instances: [
          { instance_id: 'i-0abc123def456', cloud_provider: 'aws', state: 'running', gpu_type: 'V100', gpu_count: 1 },
        ],
        metrics: [
          { instance_id: 'i-0abc123def456', timestamp: '2026-11-22T10:15:30.000Z', gpu_index: 0, gpu_utilization: 97 },
        ],
      },
    ],
  });
export type SyncBody = z.infer<typeof SyncBody>;

const rejected = z
  .array(z.object({ index: z.int().describe('Place in the section, from 0'), error: z.string() }))
  .describe('What was not stored and why; its neighbours were');

export const SyncSection = z
  .object({
    accepted: z.int().describe('Stored'),
    duplicates: z.int().describe('Known already, and the same'),
    rejected,
    updated: z.int().optional().describe('Known already, with another content'),
    conflicts: z.int().optional().describe('Samples of a second that has another value already; the first stays'),
    ignored_fields: z.int().optional().describe('Fields that this version does not know'),
    error: z.string().optional().describe('Why nothing of this section was stored'),
  })
  .meta({ id: 'SyncSection' });

export const SyncAction = z
  .object({
    action_id: ActionId,
    fence: z.int().describe('Send it back with the result'),
    verb: z
      .enum(['start', 'stop', 'dry_run_start', 'dry_run_stop'])
      .describe('dry_run_…: only say what would be done; refuse what you do not know'),
    instance_id: z.string().describe("The provider's id"),
    control_kind: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    precondition: z.object({
      force: z.boolean(),
      idle_since: Timestamp.nullable().describe('Refuse if a GPU was busy after this; null: not asked'),
      idle_below_percent: z.number().nullable(),
      generation: z.int().describe('Refuse if you were given a newer one for this instance'),
      known_processes: z
        .array(
          z.object({
            device: z.string(),
            pid: z.int(),
            name: z.string(),
            started_at_ms: z.number().meta({ examples: [1795342530000] }),
          }),
        )
        .nullable()
        .describe('Refuse if another process computes on a GPU; started_at_ms 0: not told; null: not asked'),
    }),
    expires_at: Timestamp.describe('Do not begin after this'),
    reason: z.string(),
  })
  .meta({ id: 'SyncAction' });

export const SyncAnswer = z
  .object({
    instances: SyncSection.optional(),
    metrics: SyncSection.optional(),
    errors: SyncSection.optional(),
    costs: SyncSection.optional(),
    ai_spend: SyncSection.optional(),
    alerts: SyncSection.optional(),
    unknown_sections: z.record(z.string(), SyncSection).optional().describe('What the body had besides'),
    actions: z
      .array(SyncAction)
      .describe('Do these, each id once, and send the outcome to /sync/action-results. One that was lost comes again'),
    clear_health: z
      .array(
        z
          .object({
            id: z.int().meta({ description: 'Send it back in `cleared_health`', examples: [1] }),
            gpu_uuid: z.string().meta({ examples: ['GPU-5a1f'] }),
            requested_by: z.string().meta({ examples: ['ada@example.com'] }),
            requested_at: Timestamp,
          })
          .meta({ id: 'SyncClearHealth' }),
      )
      .describe('GPUs of this agent that a person declared repaired. Each comes again until it is confirmed'),
    next_sync_seconds: z.int().describe('When to call again'),
  })
  .meta({ id: 'SyncAnswer' });

const moment = z.iso.datetime({ offset: true }).optional();

export const ActionResultElement = z.object({
  action_id: ActionId,
  fence: z.int().min(1),
  outcome: z.enum(['succeeded', 'failed', 'refused', 'unknown']),
  message: z.string().max(4096).default(''),
  exit_code: z.int().min(-2147483648).max(2147483647).optional(),
  output: z.string().max(1_000_000).default(''),
  output_truncated: z.boolean().default(false),
  observed_state: z.enum(['running', 'stopped', 'unverified']).optional(),
  started_at: moment,
  finished_at: moment,
});

export const ActionResultsBody = z
  .strictObject({ results: z.array(z.unknown()).max(1000).describe('See ActionResultElement') })
  .meta({
    examples: [
      {
        results: [
          {
            action_id: 'act_01kb3x4m9t8c2n7v5q6r1w0zeh',
            fence: 1,
            outcome: 'succeeded',
            message: 'stopped',
            observed_state: 'stopped',
          },
        ],
      },
    ],
  });
export type ActionResultsBody = z.infer<typeof ActionResultsBody>;

export const ActionResultsAnswer = z
  .object({
    accepted: z.int().describe('Stored'),
    duplicates: z.int().describe('Stored before'),
    rejected,
  })
  .meta({ id: 'ActionResultsAnswer' });
