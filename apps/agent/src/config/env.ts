import { readSettings } from './settings.js';
import type { Settings } from './settings.js';

/** The settings of this process: its arguments, its environment, its file. @throws SettingsError */
export const settingsOfProcess = (): Settings => readSettings(process.argv.slice(2), process.env);
