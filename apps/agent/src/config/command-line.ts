import { parseArgs } from 'node:util';
import { FLAGS } from './flags.js';
import type { FlagName, FlagValues } from './flags.js';
import { nearest } from './nearest.js';
import { SettingsError } from './settings-error.js';

export interface CommandLine {
  readonly command: CommandName;
  readonly flags: FlagValues;
  /** What follows the command and is no flag. */
  readonly words: readonly string[];
  /** help or version was asked for; nothing else counts then. */
  readonly asks: 'help' | 'version' | null;
}

interface CommandText {
  readonly summary: string;
  /** What follows the command in the usage line. */
  readonly words?: string;
  readonly flags: readonly FlagName[];
  /** Exit codes beyond 0 and 2, and what else must be known. */
  readonly more: string;
}

const PLACES = ['config', 'state-dir'] as const;
const WAY = ['server', 'token', 'token-file', 'sync-url', 'api-key', 'api-key-file'] as const;
const SOURCES = ['reader', 'nvidia-smi', 'nvml-library', 'kernel-log', 'fabric-log'] as const;
const READING = [...SOURCES, 'interval', 'prometheus'] as const;

export const COMMAND_TEXTS = {
  run: {
    summary: 'collect, send and obey until stopped',
    flags: [...WAY, ...PLACES, ...READING, 'log-level'],
    more: 'Exit code 1: it cannot work (the log says why).',
  },
  enroll: {
    summary: 'trade a token for an identity, then end',
    flags: [...WAY.slice(0, 3), ...PLACES, 'log-level'],
    more: 'Exit code 1: refused, or nobody answered.',
  },
  status: {
    summary: 'what the agent on this host knows of itself',
    flags: [...PLACES, 'json'],
    more: 'Exit code 1: no agent runs, or it is not connected; 3: no agent ever ran here.',
  },
  scan: {
    summary: 'one look at the GPUs of this host; needs no server and changes nothing',
    flags: [...PLACES, ...SOURCES, 'json'],
    more: 'Exit code 1: a GPU is unhealthy or cannot be read; 3: there is no GPU to read.',
  },
  install: {
    summary: 'make this host run the agent: user, folders, configuration, systemd unit; again to upgrade',
    flags: [...WAY, ...READING, 'dry-run', 'no-start', 'root'],
    more: 'Exit code 1: a step failed; what was done stands above it, and install can be called again.',
  },
  controls: {
    summary: 'what may be done on this host, and what each order would do now; changes nothing',
    flags: [...PLACES, 'json'],
    more: 'Exit code 1: a control cannot be used, or would refuse.',
  },
  'clear-health': {
    summary: 'declare a GPU repaired, so that its lasting verdict ends',
    words: '<GPU uuid, or all>',
    flags: [...PLACES, 'json'],
    more: 'Exit code 1: there is no such GPU, or nothing to clear.',
  },
  uninstall: {
    summary: 'remove the service from this host',
    flags: ['dry-run', 'keep-state', 'remove-state', 'root', 'yes'],
    more: 'Exit code 1: a step failed.',
  },
  doctor: {
    summary: 'look for what is wrong, and say what mends it',
    flags: [...WAY, ...PLACES, ...READING, 'json'],
    more: 'Exit code 1: something is wrong; 0: at most warnings.',
  },
} satisfies Record<string, CommandText>;

export type CommandName = keyof typeof COMMAND_TEXTS;
const NAMES = Object.keys(COMMAND_TEXTS) as CommandName[];

/** @throws SettingsError when there is no such command or flag */
export function readCommandLine(args: readonly string[]): CommandLine {
  const [first = 'run', ...rest] = args;
  const isNamed = !first.startsWith('-') && args.length > 0;
  const named = isNamed ? first : 'run';
  if (named === 'help') return { command: commandOf(rest[0] ?? 'run'), flags: {}, words: rest, asks: 'help' };
  const command = commandOf(named);
  const given = isNamed ? rest : args;
  if (given.includes('--help') || given.includes('-h')) {
    return { command, flags: {}, words: isNamed ? [command] : [], asks: 'help' };
  }
  if (given.includes('--version')) return { command, flags: {}, words: [], asks: 'version' };
  const text: CommandText = COMMAND_TEXTS[command];
  const allowed: readonly FlagName[] = text.flags.includes('state-dir') ? [...text.flags, 'state'] : text.flags;
  return { command, asks: null, ...parsed(command, given, allowed, text.words !== undefined) };
}

function parsed(command: CommandName, given: readonly string[], allowed: readonly FlagName[], takesWords: boolean) {
  const options = Object.fromEntries(
    allowed.map((name) => [name, { type: FLAGS[name].value === undefined ? 'boolean' : 'string' } as const]),
  );
  const { tokens } = parseArgs({ args: [...given], options, strict: false, allowPositionals: true, tokens: true });
  const flags: Record<string, string | true> = {};
  const words: string[] = [];
  const wrong: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    const flag = allowed.includes(name as FlagName) ? FLAGS[name as FlagName] : null;
    if (!flag) wrong.push(unknownFlag(command, rawName, name, allowed));
    else if (flags[name] !== undefined) wrong.push(`${rawName} is given twice`);
    else if (flag.value === undefined && value !== undefined) wrong.push(`${rawName} takes no value`);
    else if (flag.value !== undefined && (value === undefined || value === '')) {
      wrong.push(`${rawName} needs a value: ${rawName} ${flag.value}`);
    } else flags[name] = value ?? true;
  }
  if (words.length > 0 && !takesWords) wrong.push(`"${words[0]}" is one word too many: ${command} takes flags only`);
  if (wrong.length > 0) throw new SettingsError([...wrong, '', `flotilla-agent ${command} --help lists the flags`]);
  return { flags: flags as FlagValues, words };
}

function unknownFlag(command: string, rawName: string, name: string, allowed: readonly FlagName[]): string {
  if (name in FLAGS) return `${rawName} is no flag of ${command}`;
  const meant = nearest(name, allowed);
  return `there is no flag ${rawName}${meant === null ? '' : `; did you mean --${meant}?`}`;
}

function commandOf(word: string): CommandName {
  const found = NAMES.find((name) => name === word);
  if (found) return found;
  const meant = nearest(word, NAMES);
  throw new SettingsError([
    `there is no command ${word}${meant === null ? '' : `; did you mean ${meant}?`}`,
    '',
    `the commands are ${NAMES.join(', ')}; flotilla-agent --help says more`,
  ]);
}

/** The help as a whole, or of one command. */
export function helpText(command: CommandName | null): string {
  if (command === null) {
    const list = NAMES.map((name) => `  ${name.padEnd(14)}${COMMAND_TEXTS[name].summary}`);
    return [
      'usage: flotilla-agent <command> [flags]      flotilla-agent <command> --help      flotilla-agent --version',
      '',
      ...list,
      '',
      'Without a command it runs. Flags win over the environment, the environment over the configuration file.',
      'Exit codes: 0 as asked, 1 it cannot work or something is wrong, 2 a setting is wrong, 3 there is nothing here.',
    ].join('\n');
  }
  const text: CommandText = COMMAND_TEXTS[command];
  const flags = text.flags.map((name) => {
    const { value, help, env, key } = FLAGS[name];
    const also = [env, key === undefined ? '' : `key ${key}`].filter(Boolean).join(', ');
    return `  ${`--${name}${value === undefined ? '' : ` ${value}`}`.padEnd(26)}${help}${also ? ` (${also})` : ''}`;
  });
  return [
    `usage: flotilla-agent ${command}${text.words === undefined ? '' : ` ${text.words}`} [flags]`,
    '',
    `  ${text.summary}`,
    '',
    ...flags,
    '',
    `Exit code 2: a setting is wrong. ${text.more}`,
  ].join('\n');
}
