import * as z from 'zod/mini';

/**
 * The configuration file of an agent. `zod/mini` and not `zod`: it validates the same and costs a bundled agent a
 * fraction of the memory. What a key means stands in its comment; docs/agent.md shows an example.
 */
const text = z.string().check(z.minLength(1));
const argv = z.tuple([text], z.string());
const seconds = (max: number) => z.number().check(z.gt(0), z.lte(max));
const instances = z._default(z.array(text).check(z.minLength(1)), ['self']);

/** Start and stop by argument arrays; no shell is involved, so neither are quotes, pipes or variables. */
const commandControl = z.strictObject({
  kind: z.literal('command'),
  /** workload: what runs on the machine; power: the machine itself. */
  level: z._default(z.enum(['workload', 'power']), 'workload'),
  /** "self" or provider ids of other instances. */
  instances,
  start: z.optional(argv),
  stop: z.optional(argv),
  /** Exit code 0: it runs; 1 or 3: it is stopped; anything else: nobody can tell. */
  check: z.optional(argv),
  /** Beside PATH, HOME and LANG, the only variables that the commands see. */
  env: z._default(z.record(text, z.string()), {}),
  cwd: z._default(text, '/'),
  /** A command that takes longer is stopped. */
  timeout_s: z._default(seconds(86_400), 120),
  /** From SIGTERM to SIGKILL. */
  grace_s: z._default(seconds(3_600), 10),
  /** How long the check may need to show the new state. */
  verify_s: z._default(seconds(3_600), 30),
  /** Nobody may act on it, whatever the control plane says. */
  protected: z._default(z.boolean(), false),
});

const unit = z.string().check(z.regex(UNIT(), 'expected the full name of a unit, for example training.service'));

/** Start and stop systemd units. */
const systemdControl = z.strictObject({
  kind: z.literal('systemd'),
  instances,
  units: z.tuple([unit], unit),
  verbs: z._default(z.array(z.enum(['start', 'stop'])).check(z.minLength(1)), ['start', 'stop']),
  systemctl: z._default(text, 'systemctl'),
  timeout_s: z._default(seconds(86_400), 120),
  grace_s: z._default(seconds(3_600), 10),
  verify_s: z._default(seconds(3_600), 30),
  protected: z._default(z.boolean(), false),
});

export const fileSchema = z.strictObject({
  /** host:port of the control plane's gRPC port. */
  server: z.optional(text),
  /** Address of the REST API, for hosts from which only HTTP gets out; then `api_key_file` is needed. */
  sync_url: z.optional(text),
  api_key_file: z.optional(text),
  state_dir: z.optional(text),
  /** Path or name of nvidia-smi. */
  nvidia_smi: z.optional(text),
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
  spool: z._default(
    z.strictObject({
      max_mb: z._default(z.number().check(z.gte(1), z.lte(1_000_000)), 256),
      max_age_days: z._default(z.number().check(z.gt(0), z.lte(365)), 7),
      /** What is kept while the disk takes nothing. */
      memory_mb: z._default(z.number().check(z.gt(0), z.lte(1_024)), 16),
    }),
    { max_mb: 256, max_age_days: 7, memory_mb: 16 },
  ),
  controls: z._default(z.array(z.discriminatedUnion('kind', [commandControl, systemdControl])), []),
});

export type FileSettings = z.infer<typeof fileSchema>;
export type ControlSettings = FileSettings['controls'][number];

/** A unit name that can be no option and no path. */
function UNIT(): RegExp {
  return /^[A-Za-z0-9_@][A-Za-z0-9:_.\\@-]*\.(service|target|scope|slice|timer|socket)$/;
}
