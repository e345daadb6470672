import * as z from 'zod/mini';
import { controlSchema } from '../executors/kinds.js';
import { spendSchema } from '../spend/settings.js';

/**
 * The configuration file of an agent. `zod/mini` and not `zod`: it validates the same and costs a bundled agent a
 * fraction of the memory. What a key means stands in its comment; docs/agent.md shows an example.
 */
const text = z.string().check(z.minLength(1));

export const METADATA_CLOUDS = ['auto', 'none', 'aws', 'gcp', 'azure'] as const;

export const fileSchema = z.strictObject({
  /** host:port of the control plane's gRPC port. */
  server: z.optional(text),
  /** Address of the REST API, for hosts from which only HTTP gets out; then `api_key_file` is needed. */
  sync_url: z.optional(text),
  api_key_file: z.optional(text),
  state_dir: z.optional(text),
  /** Path or name of nvidia-smi. */
  nvidia_smi: z.optional(text),
  /** What reads the GPUs: the tool, or the driver's library through koffi. */
  reader: z.optional(z.enum(['nvidia-smi', 'nvml'])),
  /** Name or path of libnvidia-ml, for the reader nvml. */
  nvml_library: z.optional(text),
  /** Where errors of the driver (Xid) are read; "off": nowhere. */
  kernel_log: z.optional(text),
  /** The Fabric Manager's log; "off": it is not read. */
  fabric_log: z.optional(text),
  /** Seconds between two samples. */
  interval_s: z.optional(z.number().check(z.gte(1), z.lte(60))),
  /** address:port where /metrics is served for Prometheus; nowhere when it is left out. */
  prometheus: z.optional(text),
  log_level: z._default(z.enum(['debug', 'info', 'warn', 'error']), 'info'),
  /** What the operator knows better than the agent can find out. */
  instance: z._default(
    z.strictObject({
      instance_id: z.optional(text),
      cloud_provider: z.optional(text),
      region: z.optional(text),
      instance_type: z.optional(text),
      name: z.optional(text),
      hourly_cost: z.optional(z.number().check(z.gte(0))),
      currency: z.optional(
        z.string().check(z.regex(/^[A-Z]{3}$/, 'expected a currency of three letters, for example USD')),
      ),
      tags: z.optional(z.record(text, z.string())),
    }),
    {},
  ),
  /** How the agent finds out which machine this is. */
  metadata: z._default(
    z.strictObject({
      /** auto: the firmware says which cloud, if any; none: nobody is asked. */
      cloud: z._default(z.enum(METADATA_CLOUDS), 'auto'),
      /** http address of the metadata service, where it is not 169.254.169.254. */
      address: z.optional(text),
      kubernetes_node: z.optional(text),
      slurm_node: z.optional(text),
    }),
    { cloud: 'auto' },
  ),
  spool: z._default(
    z.strictObject({
      max_mb: z._default(z.number().check(z.gte(1), z.lte(1_000_000)), 256),
      max_age_days: z._default(z.number().check(z.gt(0), z.lte(365)), 7),
      /** What is kept while the disk takes nothing. */
      memory_mb: z._default(z.number().check(z.gt(0), z.lte(1_024)), 16),
      /** From an append to its fdatasync; 0: at once. A power cut loses what was appended since. */
      fsync_ms: z._default(z.number().check(z.gte(0), z.lte(60_000)), 20),
      /** Seconds between two fdatasync of the minute that is open. */
      minute_fsync_s: z._default(z.number().check(z.gte(1), z.lte(60)), 5),
    }),
    { max_mb: 256, max_age_days: 7, memory_mb: 16, fsync_ms: 20, minute_fsync_s: 5 },
  ),
  controls: z._default(z.array(controlSchema), []),
  /** Costs and AI usage that this host reads from providers. */
  spend: z._default(z.array(spendSchema), []),
});

export type FileSettings = z.infer<typeof fileSchema>;
