import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readCommandLine } from './command-line.js';
import type { CommandLine, CommandName } from './command-line.js';
import { parseConfig, parseFile, readConfigFile } from './file.js';
import type { ConfigFile } from './file.js';
import { FLAGS } from './flags.js';
import type { FlagName, FlagValues } from './flags.js';
import { metadataSettings } from './metadata.js';
import type { FileSettings } from './schema.js';
import { spendFaults } from '../spend/settings.js';
import { SettingsError } from './settings-error.js';

export { parseFile, SettingsError };

export interface Settings {
  readonly command: CommandName;
  /** host:port; null: where the host was enrolled, or HTTP-only mode. */
  readonly server: string | null;
  readonly token: string | null;
  readonly sync: { readonly url: string; readonly apiKey: string } | null;
  readonly stateDir: string;
  readonly nvidiaSmi: string;
  readonly reader: (typeof READERS)[number];
  readonly nvmlLibrary: string;
  /** /dev/kmsg or a file; null: errors of the driver are not read. */
  readonly kernelLog: string | null;
  /** The Fabric Manager's log; null: it is not read. */
  readonly fabricLog: string | null;
  readonly intervalS: number;
  readonly logLevel: FileSettings['log_level'];
  readonly instance: FileSettings['instance'];
  /** How the machine finds out who it is. */
  readonly metadata: ReturnType<typeof metadataSettings>;
  readonly spool: FileSettings['spool'];
  readonly controls: FileSettings['controls'];
  /** What is read from providers. */
  readonly spend: FileSettings['spend'];
  /** Where /metrics is served; null: nowhere. */
  readonly prometheus: { readonly host: string; readonly port: number } | null;
  /** The configuration file that was read; null: there is none. */
  readonly configPath: string | null;
  /** What every command of a control sees, and nothing else of the agent's own environment. */
  readonly commandEnv: Readonly<Record<string, string>>;
  readonly failpoint: string | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where `install` puts the configuration, and where the commands look that are typed by hand on such a host. */
export const INSTALLED_CONFIG = '/etc/flotilla/agent.json';
const LOOKS_FOR_INSTALLED: readonly string[] = ['status', 'doctor', 'scan', 'clear-health', 'uninstall'];

/** @throws SettingsError */
export const readSettings = (args: readonly string[], env: Environment): Settings =>
  settingsOf(readCommandLine(args), env);

/**
 * Flags win over the environment, the environment over the file. A variable that is set to nothing counts as not set.
 *
 * @throws SettingsError with one line for each fault, named by where it was given
 */
export function settingsOf({ command, flags }: CommandLine, env: Environment): Settings {
  const configPath = configPathOf(command, flags, env);
  const file = configPath === null ? parseConfig('{}', 'defaults') : readConfigFile(configPath);
  const { settings } = file;
  const wrong: string[] = [];
  const given = (flag: FlagName): Given => givenAs(flag, flags, env, file);
  const server = given('server');
  const syncUrl = given('sync-url');
  const keyFile = given('api-key-file');
  const apiKey =
    given('api-key').text ?? (keyFile.text === null ? null : secretFrom(keyFile.text, keyFile.from, wrong));
  const intervalS = flags.interval === undefined ? (settings.interval_s ?? 5) : Number(flags.interval);
  const prometheus = given('prometheus');
  const failpoint = env['FLOTILLA_FAILPOINT'] ?? null;

  if (!(intervalS >= 1 && intervalS <= 60)) wrong.push(`--interval ${flags.interval}: must be 1 to 60 seconds`);
  const readerName = given('reader');
  const reader = READERS.find((name) => name === (readerName.text ?? 'nvidia-smi'));
  if (!reader) wrong.push(`${readerName.from} ${readerName.text}: must be one of ${READERS.join(', ')}`);
  const logLevel = LEVELS.find((level) => level === (flags['log-level'] ?? settings.log_level));
  if (!logLevel) wrong.push(`--log-level ${flags['log-level']}: must be one of ${LEVELS.join(', ')}`);
  if (server.text !== null && !isHostAndPort(server.text)) {
    wrong.push(`${server.from} ${server.text}: must be host:port, for example gpu.example.com:50051`);
  }
  if (syncUrl.text !== null) {
    if (!isHttpUrl(syncUrl.text)) wrong.push(`${syncUrl.from} ${syncUrl.text}: must be an http or https address`);
    if (!apiKey) {
      wrong.push(
        `${syncUrl.from} needs an API key with the scope agent: --api-key, --api-key-file or FLOTILLA_API_KEY`,
      );
    }
  }
  const metricsAt = prometheus.text === null ? null : listenAddress(prometheus.text);
  if (prometheus.text !== null && !metricsAt) {
    wrong.push(`${prometheus.from} ${prometheus.text}: must be address:port, for example 127.0.0.1:9400`);
  }
  const stateDir = given('state-dir').text ?? defaultStateDir(env);
  const token = tokenOf(flags, env, wrong) ?? placedToken(stateDir);
  if (command === 'enroll' && server.text === null) {
    wrong.push('--server is missing: say which control plane, for example --server gpu.example.com:50051');
  }
  if (command === 'enroll' && !token) wrong.push('--token is missing: an admin makes one under Agents, Add host');
  if (failpoint !== null && env['FLOTILLA_TEST'] !== '1') {
    wrong.push('FLOTILLA_FAILPOINT is for tests: it kills the agent on purpose and needs FLOTILLA_TEST=1');
  }
  for (const [at, control] of settings.controls.entries()) {
    if (control.kind === 'command' && !control.start && !control.stop) {
      wrong.push(`${file.nameOf(['controls', at])}: has neither start nor stop, so there is nothing to do with it`);
    }
  }
  const metadata = metadataSettings(settings, env, wrong);
  for (const { path, sentence } of spendFaults(settings.spend, (name) => Boolean(env[name]))) {
    wrong.push(`${file.nameOf(path)}: ${sentence}`);
  }
  if (wrong.length > 0 || !logLevel || !reader) throw new SettingsError(wrong);
  return {
    command,
    server: syncUrl.text === null ? server.text : null,
    token,
    sync: syncUrl.text !== null && apiKey ? { url: syncUrl.text, apiKey } : null,
    stateDir,
    nvidiaSmi: given('nvidia-smi').text ?? 'nvidia-smi',
    reader,
    nvmlLibrary: given('nvml-library').text ?? NVML_LIBRARY,
    kernelLog: unlessOff(given('kernel-log').text ?? '/dev/kmsg'),
    fabricLog: unlessOff(given('fabric-log').text ?? '/var/log/fabricmanager.log'),
    intervalS,
    logLevel,
    instance: settings.instance,
    metadata,
    spool: settings.spool,
    controls: settings.controls,
    spend: settings.spend,
    prometheus: metricsAt,
    configPath,
    commandEnv: { PATH: env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', HOME: env['HOME'] ?? '/', LANG: 'C.UTF-8' },
    failpoint,
  };
}

const READERS = ['nvidia-smi', 'nvml'] as const;
/** The name that the driver gives it, found where the system's loader looks. */
const NVML_LIBRARY = process.platform === 'win32' ? 'nvml.dll' : 'libnvidia-ml.so.1';
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

const unlessOff = (path: string): string | null => (path === 'off' ? null : path);

/** A setting, and where it was given: `--server`, `FLOTILLA_SERVER` or `agent.json:3:5: server:`. */
interface Given {
  readonly text: string | null;
  readonly from: string;
}

function givenAs(flag: FlagName, flags: FlagValues, env: Environment, file: ConfigFile): Given {
  const { env: variable, key } = FLAGS[flag];
  const typed = flags[flag] ?? (flag === 'state-dir' ? flags.state : undefined);
  if (typeof typed === 'string') return { text: typed, from: `--${flag}` };
  const fromEnv = variable === undefined ? undefined : env[variable];
  if (fromEnv) return { text: fromEnv, from: variable ?? '' };
  const written = key === undefined ? undefined : file.settings[key as keyof FileSettings];
  if (typeof written === 'string') return { text: written, from: `${file.nameOf([key ?? ''])}:` };
  return { text: null, from: `--${flag}` };
}

/** The file that is named, or the one of an installed host for commands that are typed there by hand. */
export function configPathOf(command: CommandName, flags: FlagValues, env: Environment): string | null {
  const named = flags.config ?? (env['FLOTILLA_AGENT_CONFIG'] || undefined);
  if (named !== undefined) return named;
  const saysWhere = flags['state-dir'] ?? flags.state ?? env['FLOTILLA_STATE_DIR'];
  if (saysWhere || !LOOKS_FOR_INSTALLED.includes(command)) return null;
  return existsSync(INSTALLED_CONFIG) ? INSTALLED_CONFIG : null;
}

function tokenOf(flags: FlagValues, env: Environment, wrong: string[]): string | null {
  if (flags.token !== undefined) return flags.token;
  const file = flags['token-file'];
  return file === undefined ? env['FLOTILLA_ENROLLMENT_TOKEN'] || null : secretFrom(file, '--token-file', wrong);
}

/** An image brings the token of its first start in the state folder; the agent removes it when it is enrolled. */
export const placedTokenPath = (stateDir: string): string => join(stateDir, 'enrollment-token');

function placedToken(stateDir: string): string | null {
  try {
    return readFileSync(placedTokenPath(stateDir), 'utf8').trim() || null;
  } catch {
    return null;
  }
}

function secretFrom(path: string, from: string, wrong: string[]): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    wrong.push(`${from} ${path}: cannot be read: ${(error as Error).message}`);
    return null;
  }
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function isHostAndPort(text: string): boolean {
  const port = /^(?:\[[0-9a-fA-F:.]+\]|[^:\s/]+):(\d{1,5})$/.exec(text)?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

/** `:9400` is no address: who means every interface writes 0.0.0.0 or [::]. Port 0 lets the system choose. */
function listenAddress(text: string): { host: string; port: number } | null {
  const match = /^(\[[0-9a-fA-F:.]+\]|[\w.-]+):(\d{1,5})$/.exec(text);
  if (!match?.[1] || Number(match[2]) > 65_535) return null;
  return { host: match[1].replace(/^\[|\]$/g, ''), port: Number(match[2]) };
}

/** root: /var/lib/flotilla-agent; a user: below its home. */
function defaultStateDir(env: Environment): string {
  if (process.getuid?.() === 0) return '/var/lib/flotilla-agent';
  return join(env['XDG_STATE_HOME'] || join(homedir(), '.local/state'), 'flotilla-agent');
}
