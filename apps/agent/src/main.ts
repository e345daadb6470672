#!/usr/bin/env node
import { Agent } from './agent.js';
import { systemClock } from './clock.js';
import { machineIdentity } from './collectors/index.js';
import { settingsOfProcess } from './config/env.js';
import { createLog } from './config/logger.js';
import { SettingsError, USAGE } from './config/settings.js';
import type { Settings } from './config/settings.js';
import { IdentityFile } from './enrolment/identity.js';
import { machineFacts } from './enrolment/machine.js';
import { Trust } from './enrolment/trust.js';
import { armFailpoint } from './failpoint.js';
import { claimStateDir } from './state-lock.js';
import { readStatus } from './status.js';
import { AGENT_VERSION } from './version.js';
import { join } from 'node:path';

/** Exit codes: 0 ended as asked, 1 it cannot work, 2 the settings are wrong. */
async function main(): Promise<void> {
  const words = process.argv.slice(2);
  if (words.includes('--help') || words.includes('-h')) return console.log(USAGE);
  if (words.includes('--version')) return console.log(AGENT_VERSION);
  const settings = settingsOfProcess();
  if (settings.failpoint !== null) armFailpoint(settings.failpoint);
  if (settings.command === 'status') return status(settings);
  if (settings.command === 'enroll') return enroll(settings);
  await run(settings);
}

function status(settings: Settings): void {
  const text = readStatus(settings.stateDir);
  if (text === null) {
    console.error(`no agent ever ran with the state folder ${settings.stateDir}`);
    process.exitCode = 1;
  } else process.stdout.write(text);
}

async function enroll(settings: Settings): Promise<void> {
  const log = createLog(settings.logLevel, process.stderr);
  const trust = new Trust({
    file: new IdentityFile(join(settings.stateDir, 'identity.json')),
    server: settings.server,
    token: settings.token,
    machine: machineFacts(AGENT_VERSION, machineIdentity(settings.stateDir).fingerprint),
    nowMs: () => systemClock.nowMs(),
    log,
  });
  if (trust.isEnrolled) {
    console.log(
      `this host is enrolled already as agent ${trust.agentId}; remove ${settings.stateDir} to enrol it anew`,
    );
    return;
  }
  await trust.enrol();
  console.log(`enrolled as agent ${trust.agentId}`);
}

async function run(settings: Settings): Promise<void> {
  const log = createLog(settings.logLevel);
  const release = claimStateDir(settings.stateDir);
  const agent = new Agent(settings, log);
  let stopping = false;
  // a timer of its own keeps the process alive; every other one lets it go
  const alive = setInterval(() => {}, 2 ** 30);
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
        process.exit(0);
      });
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => stop(signal));
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
    process.exit(1);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(error instanceof SettingsError ? 2 : 1);
});
