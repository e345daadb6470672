import type { CommandLine } from '../config/command-line.js';
import type { Environment, Settings } from '../config/settings.js';

/** How a command was called. */
export interface Invocation {
  readonly line: CommandLine;
  readonly env: Environment;
  /** The settings as a whole. A command that must work with a broken configuration does not call it. @throws SettingsError */
  settings(): Settings;
}

/** What one word of the command line does. @returns the exit code, see `COMMAND_TEXTS` */
export type Command = (invocation: Invocation) => number | Promise<number>;
