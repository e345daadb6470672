/** A setting as it is given on the command line; `env` and `key` name it where else it may stand. */
export interface Flag {
  /** What follows it, for the help; a flag without one is a switch. */
  readonly value?: string;
  readonly help: string;
  /** The environment variable that says the same. */
  readonly env?: string;
  /** The key in the configuration file that says the same. */
  readonly key?: string;
}

const table = {
  server: { value: 'host:50051', help: 'the control plane', env: 'FLOTILLA_SERVER', key: 'server' },
  token: { value: 'flt_enroll_…', help: 'enrolment token, needed once', env: 'FLOTILLA_ENROLLMENT_TOKEN' },
  'token-file': { value: 'path', help: 'the file that holds the token' },
  'state-dir': { value: 'path', help: 'identity, spool, journals', env: 'FLOTILLA_STATE_DIR', key: 'state_dir' },
  // what the launcher calls it
  state: { value: 'path', help: '' },
  config: { value: 'path', help: 'JSON file', env: 'FLOTILLA_AGENT_CONFIG' },
  'nvidia-smi': { value: 'path', help: 'the tool to read', env: 'FLOTILLA_NVIDIA_SMI', key: 'nvidia_smi' },
  reader: { value: 'name', help: 'what reads the GPUs: nvidia-smi (default) or nvml', key: 'reader' },
  'nvml-library': { value: 'path', help: "the driver's library, for the reader nvml", key: 'nvml_library' },
  'kernel-log': {
    value: 'path',
    help: 'where errors of the driver are read, default /dev/kmsg; off: nowhere',
    env: 'FLOTILLA_AGENT_KERNEL_LOG',
    key: 'kernel_log',
  },
  'fabric-log': {
    value: 'path',
    help: "the Fabric Manager's log, default /var/log/fabricmanager.log; off: none",
    env: 'FLOTILLA_AGENT_FABRIC_LOG',
    key: 'fabric_log',
  },
  interval: { value: 'seconds', help: 'between two samples, 1 to 60, default 5', key: 'interval_s' },
  'sync-url': {
    value: 'url',
    help: 'HTTP only: POST /sync instead of the stream',
    env: 'FLOTILLA_SYNC_URL',
    key: 'sync_url',
  },
  'api-key': { value: 'key', help: 'for --sync-url', env: 'FLOTILLA_API_KEY' },
  'api-key-file': { value: 'path', help: 'the file that holds the key', key: 'api_key_file' },
  'log-level': { value: 'level', help: 'debug, info, warn or error', key: 'log_level' },
  prometheus: {
    value: 'host:port',
    help: 'serve /metrics there, as dcgm-exporter does (127.0.0.1:9400)',
    key: 'prometheus',
  },
  json: { help: 'print JSON, for programs' },
  yes: { help: 'do not ask' },
  'dry-run': { help: 'say what would be done, and do nothing' },
  'keep-state': { help: 'keep the identity and the spool: a later install goes on as the same agent' },
  'remove-state': { help: 'remove the identity and the spool' },
  root: { value: 'path', help: 'below this folder instead of /, for images; starts nothing' },
  'no-start': { help: 'do not enable or start the service' },
} satisfies Record<string, Flag>;

export type FlagName = keyof typeof table;
export const FLAGS: Readonly<Record<FlagName, Flag>> = table;

/** What each flag was given as; a switch that is set is true. */
export type FlagValues = { readonly [K in FlagName]?: (typeof table)[K] extends { value: string } ? string : true };

/** Environment variables that say something to an agent. */
export const knownVariables = (): string[] => [
  ...Object.values(FLAGS).flatMap(({ env }) => (env === undefined ? [] : [env])),
  'FLOTILLA_FAILPOINT',
  'FLOTILLA_TEST',
];
