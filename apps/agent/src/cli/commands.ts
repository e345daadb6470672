import type { CommandName } from '../config/command-line.js';
import type { Command } from './command.js';

/** Every command by its name, loaded when it is called: `status` needs no gRPC, `run` no installer. */
export const COMMANDS: Readonly<Record<CommandName, () => Promise<Command>>> = {
  run: async () => (await import('./run.js')).run,
  enroll: async () => (await import('./enroll.js')).enroll,
  status: async () => (await import('./status.js')).status,
  scan: async () => (await import('./scan.js')).scan,
  install: async () => (await import('./install.js')).install,
  controls: async () => (await import('./controls.js')).controls,
  'clear-health': async () => (await import('./clear-health.js')).clear,
  uninstall: async () => (await import('./uninstall.js')).uninstall,
  doctor: async () => (await import('./doctor.js')).doctor,
};
