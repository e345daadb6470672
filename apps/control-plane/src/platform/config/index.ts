export { CONFIG } from './config.js';
export type { Config } from './config.js';
export { loadConfig } from './load.js';
export { ConfigError, isLoopback, SETTINGS } from './settings.js';
export type { SmtpConfig } from './smtp-settings.js';
