#!/usr/bin/env node
import { COMMANDS } from './cli/commands.js';
import { settingsOfProcess } from './config/env.js';
import { SettingsError, USAGE } from './config/settings.js';
import { armFailpoint } from './failpoint.js';
import { AGENT_VERSION } from './version.js';

/** Exit codes: 0 ended as asked, 1 it cannot work, 2 the settings are wrong. */
async function main(): Promise<void> {
  const words = process.argv.slice(2);
  if (words.includes('--help') || words.includes('-h')) return console.log(USAGE);
  if (words.includes('--version')) return console.log(AGENT_VERSION);
  const settings = settingsOfProcess();
  if (settings.failpoint !== null) armFailpoint(settings.failpoint);
  const command = await COMMANDS[settings.command]();
  const code = await command(settings);
  if (settings.command === 'run') process.exit(code);
  process.exitCode = code;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(error instanceof SettingsError ? 2 : 1);
});
