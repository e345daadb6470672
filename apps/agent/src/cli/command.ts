import type { Settings } from '../config/settings.js';

/** What one word of the command line does. @returns the exit code: 0 as asked, 1 it cannot work, 2 a setting is wrong */
export type Command = (settings: Settings) => number | Promise<number>;
