import { readStatus } from '../status.js';
import type { Command } from './command.js';
import { complain } from './say.js';

/** Prints what the agent in the state folder last wrote of itself. */
export const status: Command = (settings) => {
  const text = readStatus(settings.stateDir);
  if (text === null) {
    complain(`no agent ever ran with the state folder ${settings.stateDir}`);
    return 1;
  }
  process.stdout.write(text);
  return 0;
};
