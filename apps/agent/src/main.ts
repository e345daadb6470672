#!/usr/bin/env node
import './engine.js';
import { COMMANDS } from './cli/commands.js';
import { complain, say } from './cli/say.js';
import { NVML_COMMAND } from './collectors/nvml/program.js';
import { helpText } from './config/command-line.js';
import { commandLineOfProcess, environmentOfProcess } from './config/env.js';
import { settingsOf } from './config/settings.js';
import { SettingsError } from './config/settings-error.js';
import { armFailpoint } from './failpoint.js';
import { AGENT_VERSION } from './version.js';

let isRunning = false;

/** Exit codes: 0 ended as asked, 1 it cannot work, 2 the settings are wrong, 3 there is nothing here. */
async function main(): Promise<void> {
  if (process.argv[2] === NVML_COMMAND) {
    const { nvmlCommand } = await import('./collectors/nvml/child/command.js');
    return nvmlCommand(process.argv.slice(3));
  }
  const line = commandLineOfProcess();
  isRunning = line.command === 'run' && line.asks === null;
  if (line.asks === 'help') return say(helpText(line.words.length > 0 ? line.command : null));
  if (line.asks === 'version') return say(AGENT_VERSION);
  const env = environmentOfProcess();
  const command = await COMMANDS[line.command]();
  const code = await command({
    line,
    env,
    settings: () => {
      const settings = settingsOf(line, env);
      if (settings.failpoint !== null) armFailpoint(settings.failpoint);
      return settings;
    },
  });
  if (line.command === 'run') process.exit(code);
  process.exitCode = code;
}

// who reads may stop reading (`| head`, a log that is gone): that ends a command quietly, and never an agent that runs
for (const out of [process.stdout, process.stderr]) {
  out.on('error', () => {
    if (!isRunning) process.exit(0);
  });
}

main().catch((error: unknown) => {
  complain(error instanceof Error ? error.message : String(error));
  process.exit(error instanceof SettingsError ? 2 : 1);
});
