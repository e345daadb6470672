import { userInfo } from 'node:os';
import { SettingsError } from '../config/settings-error.js';
import { clearHealth } from '../health/clear.js';
import type { Command } from './command.js';
import { complain, say } from './say.js';

/** A person on this host says that a GPU is repaired. */
export const clear: Command = async ({ settings, line: { words, flags } }) => {
  const [gpu] = words;
  if (gpu === undefined || words.length > 1) {
    throw new SettingsError(['say which GPU: flotilla-agent clear-health <GPU uuid>, or all']);
  }
  const by = `${userInfo().username} on this host`;
  const { done, message } = await clearHealth(settings().stateDir, gpu, by);
  if (flags.json) say(JSON.stringify({ done, message }));
  else if (done) say(message);
  else complain(message);
  return done ? 0 : 1;
};
