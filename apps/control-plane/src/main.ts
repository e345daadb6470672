import { startControlPlane } from './control-plane.js';
import type { RunningControlPlane } from './control-plane.js';
import { serveLauncher } from './launcher-channel.js';
import { loadConfig, Log } from './platform/index.js';
import { explainStart } from './start-error.js';

const STOP_WITHIN_MS = 10_000;

let starting: Promise<RunningControlPlane | null> | undefined;
let stopping = false;

function stop(log: Log, reason: string): void {
  if (stopping) return;
  stopping = true;
  log.info({ reason }, 'stopping');
  const limit = setTimeout(() => {
    log.error({}, `not everything ended within ${STOP_WITHIN_MS / 1000} s; leaving anyway`);
    process.exit(1);
  }, STOP_WITHIN_MS);
  limit.unref();
  // a start in progress ends first: half of it cannot be stopped
  const ended = (starting ?? Promise.resolve(null)).then((running) => running?.stop());
  ended.then(
    () => {
      log.info({}, 'stopped');
      process.exit();
    },
    (error: unknown) => {
      log.error({ err: error }, 'stopping failed');
      process.exit(1);
    },
  );
}

async function main(): Promise<void> {
  let log = Log.to(undefined);
  try {
    const config = loadConfig();
    log = Log.to(undefined, config.logLevel);
    for (const signalName of ['SIGINT', 'SIGTERM'] as const) process.on(signalName, () => stop(log, signalName));
    // started by the launcher: its end is ours, also when it was killed
    process.on('disconnect', () => stop(log, 'the launcher ended'));
    process.on('uncaughtException', (error) => {
      log.fatal({ err: error }, 'an error nobody caught; stopping');
      process.exitCode = 1;
      stop(log, 'an error nobody caught');
    });
    const work = startControlPlane(config, log);
    starting = work.catch(() => null);
    const running = await work;
    if (stopping) return;
    log.info({ address: running.address, data_dir: config.dataDir }, 'Flotilla serves');
    serveLauncher(running);
  } catch (error) {
    const { text, exitCode, isBug } = explainStart(error);
    if (isBug) log.fatal({ err: error }, 'Flotilla does not start');
    process.stderr.write(`${text}\n`);
    process.exit(exitCode);
  }
}

await main();
