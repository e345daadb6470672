import { Agent } from '../agent.js';
import { createLog } from '../config/logger.js';
import { claimStateDir } from '../state-lock.js';
import { AGENT_VERSION } from '../version.js';
import type { Command } from './command.js';

/** Reads, sends and obeys until a signal; answers when the agent ended. */
export const run: Command = async (invocation) => {
  const settings = invocation.settings();
  const log = createLog(settings.logLevel);
  const release = claimStateDir(settings.stateDir);
  const agent = new Agent(settings, log);
  let stopping = false;
  // a timer of its own keeps the process alive; every other one lets it go
  const alive = setInterval(() => {}, 2 ** 30);
  const ended = new Promise<number>((resolve) => {
    const stop = (signal: string) => {
      if (stopping) return;
      stopping = true;
      log.info({ signal }, 'stopping');
      setTimeout(() => process.exit(1), 10_000).unref();
      agent
        .stop()
        .catch((error: unknown) => log.error({ err: error }, 'the agent could not be stopped in order'))
        .finally(() => {
          clearInterval(alive);
          release();
          resolve(0);
        });
    };
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => stop(signal));
  });
  process.on('unhandledRejection', (error) =>
    log.error({ err: error }, 'a fault that nobody expected; the agent goes on'),
  );
  log.info(
    { version: AGENT_VERSION, state_dir: settings.stateDir, interval_s: settings.intervalS },
    'the agent starts',
  );
  try {
    await agent.start();
  } catch (error) {
    log.error((error as Error).message);
    await agent.stop();
    release();
    return 1;
  }
  return ended;
};
