import { systemClock } from '../../../apps/agent/src/clock.js';
import type { ExecutorTools } from '../../../apps/agent/src/executors/kinds.js';
import { silentLog } from '../../../apps/agent/src/log.js';

/** What an executor gets in a test: the real clock, no log, a small environment. */
export const toolsFor = (more: Partial<ExecutorTools> = {}): ExecutorTools => ({
  commandEnv: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/', LANG: 'C.UTF-8' },
  environment: {},
  clock: systemClock,
  log: silentLog,
  ...more,
});
