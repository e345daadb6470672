import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from './locale.js';
import { fileSchema } from './schema.js';
import type { FileSettings } from './schema.js';

/** Settings that cannot be used: each line names where the fault is. The process ends with exit code 2. */
export class SettingsError extends Error {
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
  }
}

export interface Settings {
  readonly command: 'run' | 'enroll' | 'status';
  /** host:port; null: where the host was enrolled, or HTTP-only mode. */
  readonly server: string | null;
  readonly token: string | null;
  readonly sync: { readonly url: string; readonly apiKey: string } | null;
  readonly stateDir: string;
  readonly nvidiaSmi: string;
  readonly intervalS: number;
  readonly logLevel: FileSettings['log_level'];
  readonly instance: FileSettings['instance'];
  readonly spool: FileSettings['spool'];
  readonly controls: FileSettings['controls'];
  /** What every command of a control sees, and nothing else of the agent's own environment. */
  readonly commandEnv: Readonly<Record<string, string>>;
  readonly failpoint: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

export const USAGE = `usage: flotilla-agent <command> [options]

  run      collect, send and obey until stopped
  enroll   trade a token for an identity, then end
  status   what the agent in the state folder knows of itself

  --server host:50051     the control plane (FLOTILLA_SERVER)
  --token flt_enroll_…    enrolment token, needed once (FLOTILLA_ENROLLMENT_TOKEN; --token-file path)
  --state-dir path        identity, spool and journals (FLOTILLA_STATE_DIR)
  --config path           JSON file (FLOTILLA_AGENT_CONFIG)
  --nvidia-smi path       the tool to read (FLOTILLA_NVIDIA_SMI)
  --interval seconds      between two samples, 1 to 60, default 5
  --sync-url url          HTTP-only: POST /sync instead of the stream (FLOTILLA_SYNC_URL)
  --api-key key           for --sync-url (FLOTILLA_API_KEY, --api-key-file path)
  --log-level level       debug, info, warn or error`;

const OPTIONS = {
  server: { type: 'string' },
  token: { type: 'string' },
  'token-file': { type: 'string' },
  'state-dir': { type: 'string' },
  // what the launcher calls it
  state: { type: 'string' },
  config: { type: 'string' },
  'nvidia-smi': { type: 'string' },
  interval: { type: 'string' },
  'sync-url': { type: 'string' },
  'api-key': { type: 'string' },
  'api-key-file': { type: 'string' },
  'log-level': { type: 'string' },
} as const;

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/**
 * Flags win over the environment, the environment over the file.
 *
 * @throws SettingsError
 */
export function readSettings(args: readonly string[], env: Environment): Settings {
  const { command, flags } = readFlags(args);
  const configPath = flags.config ?? env['FLOTILLA_AGENT_CONFIG'];
  const file = configPath ? readFile(configPath) : parseFile('{}', 'defaults');
  const wrong: string[] = [];
  const server = flags.server ?? env['FLOTILLA_SERVER'] ?? file.server ?? null;
  const syncUrl = flags['sync-url'] ?? env['FLOTILLA_SYNC_URL'] ?? file.sync_url ?? null;
  const keyFile = flags['api-key-file'] ?? file.api_key_file;
  const apiKey = flags['api-key'] ?? env['FLOTILLA_API_KEY'] ?? (keyFile ? secretFrom(keyFile, wrong) : null);
  const tokenFile = flags['token-file'];
  const token = flags.token ?? (tokenFile ? secretFrom(tokenFile, wrong) : (env['FLOTILLA_ENROLLMENT_TOKEN'] ?? null));
  const intervalS = flags.interval === undefined ? (file.interval_s ?? 5) : Number(flags.interval);
  const logLevel = flags['log-level'] ?? file.log_level;
  const failpoint = env['FLOTILLA_FAILPOINT'] ?? null;

  if (!(intervalS >= 1 && intervalS <= 60)) wrong.push(`--interval ${flags.interval}: must be 1 to 60 seconds`);
  if (!LEVELS.some((level) => level === logLevel)) {
    wrong.push(`--log-level ${logLevel}: must be one of ${LEVELS.join(', ')}`);
  }
  if (server !== null && !/^(\[[0-9a-fA-F:.]+\]|[^:\s/]+):\d{1,5}$/.test(server)) {
    wrong.push(`--server ${server}: must be host:port, for example gpu.example.com:50051`);
  }
  if (syncUrl !== null) {
    if (!isHttpUrl(syncUrl)) wrong.push(`--sync-url ${syncUrl}: must be an http or https address`);
    if (!apiKey)
      wrong.push('--sync-url needs an API key with the scope agent: --api-key, --api-key-file or FLOTILLA_API_KEY');
  }
  if (command === 'enroll' && server === null) {
    wrong.push('--server is missing: say which control plane, for example --server gpu.example.com:50051');
  }
  if (command === 'enroll' && !token) wrong.push('--token is missing: an admin makes one under Agents, Add host');
  if (failpoint !== null && env['FLOTILLA_TEST'] !== '1') {
    wrong.push('FLOTILLA_FAILPOINT is for tests: it kills the agent on purpose and needs FLOTILLA_TEST=1');
  }
  for (const [at, control] of file.controls.entries()) {
    if (control.kind === 'command' && !control.start && !control.stop) {
      wrong.push(`${configPath}: controls[${at}]: has neither start nor stop, so there is nothing to do with it`);
    }
  }
  if (wrong.length > 0) throw new SettingsError(wrong);
  return {
    command,
    server: syncUrl === null ? server : null,
    token,
    sync: syncUrl !== null && apiKey ? { url: syncUrl, apiKey } : null,
    stateDir: flags['state-dir'] ?? flags.state ?? env['FLOTILLA_STATE_DIR'] ?? file.state_dir ?? defaultStateDir(env),
    nvidiaSmi: flags['nvidia-smi'] ?? env['FLOTILLA_NVIDIA_SMI'] ?? file.nvidia_smi ?? 'nvidia-smi',
    intervalS,
    logLevel: logLevel as Settings['logLevel'],
    instance: file.instance,
    spool: file.spool,
    controls: file.controls,
    commandEnv: { PATH: env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', HOME: env['HOME'] ?? '/', LANG: 'C.UTF-8' },
    failpoint,
  };
}

function readFlags(args: readonly string[]) {
  const [first = 'run', ...rest] = args;
  const named = first.startsWith('-') ? 'run' : first;
  const command = (['run', 'enroll', 'status'] as const).find((name) => name === named);
  if (!command) throw new SettingsError([`there is no command ${named}`, '', USAGE]);
  try {
    const { values } = parseArgs({ args: first.startsWith('-') ? [...args] : rest, options: OPTIONS, strict: true });
    return { command, flags: values };
  } catch (error) {
    throw new SettingsError([(error as Error).message.split('. ')[0] ?? '', '', USAGE]);
  }
}

function readFile(path: string): FileSettings {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new SettingsError([`${path}: cannot be read: ${(error as Error).message}`]);
  }
  return parseFile(text, path);
}

/** @throws SettingsError with one line for each fault: file, line, key, what is wrong */
export function parseFile(text: string, path: string): FileSettings {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new SettingsError([`${path}: is not JSON: ${(error as Error).message}`]);
  }
  const parsed = z.safeParse(fileSchema, json);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return `${place(issue.path)}: ${issue.message}`;
    return issue.keys.map((key) => `${place([...issue.path, key])}: there is no such setting`);
  });
  throw new SettingsError(lines);

  function place(keys: readonly PropertyKey[]): string {
    const name = keys.map((key, at) => (typeof key === 'number' ? `[${key}]` : `${at === 0 ? '' : '.'}${String(key)}`));
    const line = lineOf(text, keys);
    return `${path}${line === null ? '' : `:${line}`}: ${name.join('') || 'the file'}`;
  }
}

/** The line of a key: the first place where the names of its path follow each other. Null when none is written. */
function lineOf(text: string, keys: readonly PropertyKey[]): number | null {
  let offset = -1;
  for (const key of keys) {
    if (typeof key !== 'string') continue;
    const at = text.indexOf(JSON.stringify(key), offset + 1);
    if (at < 0) break;
    offset = at;
  }
  return offset < 0 ? null : text.slice(0, offset).split('\n').length;
}

function secretFrom(path: string, wrong: string[]): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    wrong.push(`${path}: cannot be read: ${(error as Error).message}`);
    return null;
  }
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** root: /var/lib/flotilla-agent; a user: below its home. */
function defaultStateDir(env: Environment): string {
  if (process.getuid?.() === 0) return '/var/lib/flotilla-agent';
  return join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'), 'flotilla-agent');
}
