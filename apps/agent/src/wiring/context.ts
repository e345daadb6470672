import type { Clock } from '../clock.js';
import type { MachineIdentity } from '../collectors/index.js';
import type { Settings } from '../config/settings.js';
import type { Log } from '../log.js';
import type { Keep } from './keep.js';

/** What every part of one agent process shares. */
export interface AgentContext extends Keep {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  /** Names this run of the process. */
  readonly bootId: string;
  readonly machine: MachineIdentity;
  /** Unix milliseconds by the server's clock, as far as it is known. */
  readonly nowMs: () => number;
}
