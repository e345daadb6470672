import { readCommandLine } from './command-line.js';
import type { CommandLine } from './command-line.js';
import type { Environment } from './settings.js';

/** The arguments of this process. @throws SettingsError */
export const commandLineOfProcess = (): CommandLine => readCommandLine(process.argv.slice(2));

export const environmentOfProcess = (): Environment => process.env;
