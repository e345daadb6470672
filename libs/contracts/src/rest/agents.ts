import { z } from 'zod';
import { Timestamp } from './common.js';
import { pageQuery, qBool } from './query.js';

const count = (description: string, example = 0) => z.int().meta({ description, examples: [example] });

/** A kind of control that acts from outside, or the family of such kinds. */
export const ControlGrant = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,63}$/)
  .meta({ description: 'A kind (aws-ec2), or a family of kinds (aws)', examples: ['aws-ec2'] });
const grants = z.array(ControlGrant).max(32);
const GRANTS = 'Controls that act from outside which it may announce; self, command and systemd need no grant';

const agentFields = {
  id: z.uuid().meta({ description: 'The id in its certificate', examples: ['0199f1a2-7c3e-7a51-9d0b-6c1f2e3d4a5b'] }),
  hostname: z.string().meta({ description: 'As the host calls itself', examples: ['gpu-7'] }),
  version: z
    .string()
    .nullable()
    .meta({ description: "The agent program's version", examples: ['0.1.0'] }),
  transport: z.enum(['grpc', 'sync']).meta({ description: 'The stream, or POST /sync', examples: ['grpc'] }),
  status: z.enum(['enrolled', 'revoked']).meta({ examples: ['enrolled'] }),
  connected: z.boolean().meta({ description: 'A stream of it is open on any replica', examples: [true] }),
  connected_since: Timestamp.nullable().describe('null: not connected'),
  disconnected_at: Timestamp.nullable().describe('When its last stream ended; null: connected, or never was'),
  disconnect_reason: z
    .string()
    .nullable()
    .meta({ description: 'A sentence', examples: ['the agent closed the stream'] }),
  last_seen_at: Timestamp.nullable().describe('When it was heard last, to a few seconds; null: never'),
  enrolled_at: Timestamp,
  revoked_at: Timestamp.nullable().describe('null: in force'),
  certificate_not_after: Timestamp.nullable().describe('When its newest client certificate ends; null for POST /sync'),
  os: z
    .string()
    .nullable()
    .meta({ examples: ['Ubuntu 24.04'] }),
  kernel: z
    .string()
    .nullable()
    .meta({ examples: ['6.8.0-45-generic'] }),
  arch: z
    .string()
    .nullable()
    .meta({ examples: ['x64'] }),
  address: z
    .string()
    .nullable()
    .meta({ description: 'Where it connects from', examples: ['10.0.0.7'] }),
  interval_seconds: z
    .number()
    .nullable()
    .meta({ description: 'Seconds between two samples', examples: [5] }),
  lag_seconds: z
    .number()
    .nullable()
    .meta({ description: 'Seconds since the end of the newest stored minute; null: none stored', examples: [42] }),
  buffered_entries: z
    .int()
    .nullable()
    .meta({ description: 'Entries in its spool, not acknowledged yet', examples: [3] }),
  buffered_bytes: z
    .int()
    .nullable()
    .meta({ description: 'Bytes of its spool', examples: [4096] }),
  dropped_entries: count('Entries that its spool had to drop since it was made'),
  rejected_entries: count('Entries that could never be stored, since it enrolled'),
  future_samples: count('Entries refused because their time was more than 5 minutes ahead'),
  clock_skew_ms: z
    .int()
    .nullable()
    .meta({
      description: 'Its clock less ours, milliseconds; more than 30,000 either way deserves a look',
      examples: [12],
    }),
  spool_in_memory_only: z.boolean().meta({ description: 'Its disk is full or read-only', examples: [false] }),
  clone_suspected_at: Timestamp.nullable().describe('Two machines took turns under this identity; null: never'),
  last_error: z
    .string()
    .nullable()
    .meta({ description: 'The newest fault, in words', examples: [null] }),
  last_error_at: Timestamp.nullable(),
  simulated: z.boolean().meta({ examples: [false] }),
};

export const Agent = z.object(agentFields).meta({ id: 'Agent' });

export const AgentEvent = z.object({
  at: Timestamp.describe("When it happened, in the host's clock"),
  received_at: Timestamp,
  kind: z.string().meta({ description: 'xid, gpu_lost, collector_fault, entries_dropped, …', examples: ['xid'] }),
  severity: z.string().meta({ examples: ['critical'] }),
  device: z
    .string()
    .nullable()
    .meta({ description: 'GPU uuid', examples: ['GPU-5f1c…'] }),
  message: z.string().meta({ examples: ['Xid 79: GPU has fallen off the bus'] }),
  details: z.record(z.string(), z.unknown()),
});

export const AgentError = z
  .object({
    at: Timestamp.describe("When it happened, in the agent's clock"),
    received_at: Timestamp,
    severity: z.enum(['low', 'medium', 'high', 'critical']),
    source: z
      .string()
      .nullable()
      .meta({ description: 'What met it', examples: ['nvidia-smi'] }),
    code: z.string().nullable(),
    instance_id: z.int().nullable().describe('The instance that it concerns'),
    message: z.string().meta({ examples: ['nvidia-smi did not answer within 10 s'] }),
  })
  .meta({ id: 'AgentError' });

export const AgentDetail = z
  .object({
    ...agentFields,
    boot_id: z
      .string()
      .nullable()
      .meta({ description: 'Changes with every boot of the host', examples: ['c0ffee'] }),
    machine_fingerprint: z
      .string()
      .nullable()
      .meta({ examples: ['b94d27b9934d3e08'] }),
    capabilities: z.array(z.string()),
    controls: z.array(z.string()).meta({ description: GRANTS, examples: [['aws-ec2']] }),
    refused_controls: z
      .array(z.string())
      .meta({ description: 'Kinds that it announced last and was not granted', examples: [['redfish']] }),
    collectors: z
      .array(
        z.object({
          name: z.string().meta({ examples: ['nvidia-smi'] }),
          state: z.string().meta({ description: 'ok, degraded, failed, unavailable', examples: ['ok'] }),
          message: z.string().nullable(),
        }),
      )
      .describe('What reads the host, and how it fares'),
    errors: z.array(AgentError).describe('The newest 50 of the last 30 days that it reported in the section errors'),
    events: z.array(AgentEvent).describe('The newest 50 of the last 30 days'),
  })
  .meta({ id: 'AgentDetail' });

export const UpdateAgentBody = z
  .strictObject({ controls: grants.describe(GRANTS) })
  .meta({ examples: [{ controls: ['aws-ec2'] }] });
export type UpdateAgentBody = z.infer<typeof UpdateAgentBody>;

export const AgentQuery = z.strictObject({
  ...pageQuery,
  connected: qBool()
    .optional()
    .meta({ description: 'Only agents that are, or are not, connected', examples: [true] }),
  status: z
    .enum(['enrolled', 'revoked'])
    .optional()
    .meta({ description: 'All without it', examples: ['enrolled'] }),
  search: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Part of the hostname', examples: ['gpu'] }),
});
export type AgentQuery = z.infer<typeof AgentQuery>;

export const AgentSummary = z.object({
  connected: count('Connected agents of the tenant', 41),
  disconnected: count('Enrolled agents that are not connected', 1),
  revoked: count('Revoked agents'),
});

export const EnrollmentTokenId = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .meta({ description: 'The public part of the token', examples: ['9f8e7d6c5b4a3f2e'] });

const tokenFields = {
  id: EnrollmentTokenId,
  name: z.string().meta({ description: 'What it is for', examples: ['rack 7'] }),
  multi_use: z.boolean().meta({ description: 'false: good for one host', examples: [false] }),
  controls: z.array(z.string()).meta({ description: 'What its hosts are granted: ' + GRANTS, examples: [[]] }),
  expires_at: Timestamp,
  created_at: Timestamp,
};

export const EnrollmentToken = z
  .object({
    ...tokenFields,
    uses: count('Hosts that enrolled with it'),
    created_by: z.string().meta({ examples: ['ada@example.com'] }),
    last_used_at: Timestamp.nullable(),
    revoked_at: Timestamp.nullable().describe('null: not revoked'),
    usable: z.boolean().meta({ description: 'A host can enrol with it now', examples: [true] }),
  })
  .meta({ id: 'EnrollmentToken' });

export const EnrollmentTokenQuery = z.strictObject({
  ...pageQuery,
  usable: qBool()
    .optional()
    .meta({ description: 'Only tokens that work, or that do not', examples: [true] }),
});
export type EnrollmentTokenQuery = z.infer<typeof EnrollmentTokenQuery>;

export const NewEnrollmentTokenBody = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .default('a GPU host')
      .meta({ description: 'What it is for', examples: ['rack 7'] }),
    multi_use: z
      .boolean()
      .default(false)
      .meta({ description: 'For images and DaemonSets', examples: [false] }),
    controls: grants
      .default([])
      .meta({ description: `For agents that control other machines: ${GRANTS}`, examples: [['aws-ec2']] }),
    expires_in_seconds: z
      .int()
      .min(60)
      .max(31_536_000)
      .default(3_600)
      .meta({ description: 'At most 24 hours for a single-use token, a year for the others', examples: [3600] }),
  })
  .meta({ examples: [{ name: 'rack 7', multi_use: false, expires_in_seconds: 3600 }] });
export type NewEnrollmentTokenBody = z.infer<typeof NewEnrollmentTokenBody>;

export const MintedEnrollmentToken = z
  .object({
    ...tokenFields,
    token: z
      .string()
      .nullable()
      .meta({ description: 'Shown this once; null in a replayed answer', examples: ['flt_enroll_example'] }),
    server: z.string().meta({ description: 'host:port of the gRPC port', examples: ['gpu.example.com:50051'] }),
    install_command: z
      .string()
      .nullable()
      .meta({
        description:
          'Run it on the GPU host: it fetches the agent from here, verifies it and installs it. Null in a replayed answer',
        examples: [
          'curl -fsSL https://gpu.example.com/agent/install.sh | FLOTILLA_ENROLLMENT_TOKEN=flt_enroll_example sudo --preserve-env=FLOTILLA_ENROLLMENT_TOKEN sh -s -- --from https://gpu.example.com/agent --server gpu.example.com:50051',
        ],
      }),
    note: z
      .string()
      .nullable()
      .meta({ description: 'Why the command may not work from another machine; null when it does', examples: [null] }),
  })
  .meta({ id: 'MintedEnrollmentToken' });
