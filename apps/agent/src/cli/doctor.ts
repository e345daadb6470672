import type { CommandLine } from '../config/command-line.js';
import { knownVariables } from '../config/flags.js';
import { nearest } from '../config/nearest.js';
import { configPathOf } from '../config/settings.js';
import type { Environment, Settings } from '../config/settings.js';
import { SettingsError } from '../config/settings-error.js';
import { readStatus } from '../status.js';
import { AGENT_VERSION } from '../version.js';
import { clockKept, diskSpace, gpuDevices, kernelLog, processes } from './checks/access.js';
import { fail, ok, warn } from './checks/check.js';
import type { Check } from './checks/check.js';
import { driverModule, nvidiaSmi } from './checks/driver.js';
import { serverChecks } from './checks/server.js';
import { service } from './checks/service.js';
import { spendKeys } from './checks/spend.js';
import { identityCheck, otherUsers, readIdentity, stateFolder } from './checks/state.js';
import type { Command } from './command.js';
import { paintFor, widthFor } from './paint.js';
import { checkLines } from './scan/sheet.js';
import { say } from './say.js';

/** Looks for what is wrong, from the configuration to the server, and says what mends it. Changes nothing. */
export const doctor: Command = async ({ line, env, settings }) => {
  const checks = await examine(line, env, settings);
  const failed = checks.filter(({ state }) => state === 'fail').length;
  const warned = checks.filter(({ state }) => state === 'warn').length;
  if (line.flags.json) say(JSON.stringify({ version: AGENT_VERSION, failed, warned, checks }, null, 2));
  else {
    for (const text of checkLines({ checks }, paintFor(process.stdout, env), widthFor(process.stdout))) say(text);
    const words = [failed > 0 ? `${failed} wrong` : '', warned > 0 ? `${warned} doubtful` : ''].filter(Boolean);
    say(`\n${words.join(', ') || 'nothing is wrong'} (${checks.length} looked at)`);
  }
  return failed > 0 ? 1 : 0;
};

async function examine(line: CommandLine, env: Environment, read: () => Settings): Promise<Check[]> {
  const path = configPathOf(line.command, line.flags, env);
  const checks: Check[] = [...variables(env)];
  let settings: Settings;
  try {
    settings = read();
    checks.push(ok('configuration', path === null ? 'No file; flags, environment and defaults.' : `${path} is right.`));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const faults = error.lines.map((text) => fail('configuration', text, 'docs/agent.md lists every key'));
    // without settings nobody knows where to look further
    return [...checks, ...faults, kernelLog(), gpuDevices(), processes(), clockKept(), ...service()];
  }
  const nowMs = Date.now();
  const { stateDir } = settings;
  const { identity } = readIdentity(stateDir);
  return [
    ...checks,
    stateFolder(stateDir),
    diskSpace(stateDir, settings.spool.max_mb),
    otherUsers(stateDir),
    ...said(stateDir),
    identityCheck(stateDir, settings.sync !== null, nowMs),
    ...(await serverChecks(settings, identity, nowMs)),
    ...spendKeys(settings.spend),
    clockKept(),
    driverModule(),
    ...(settings.reader === 'nvidia-smi' ? [nvidiaSmi(settings.nvidiaSmi)] : []),
    gpuDevices(),
    ...(settings.kernelLog === null ? [] : [kernelLog(settings.kernelLog)]),
    processes(),
    ...service(),
  ];
}

/** What a running agent says of itself. */
function said(stateDir: string): Check[] {
  const status = readStatus(stateDir);
  if (status === null || status === 'unreadable' || status.pid === null) return [];
  const connection = status.connected
    ? ok('connection', 'The agent is connected.')
    : warn('connection', `The agent is not connected: ${status.trouble}.`, 'see the lines about the server');
  const collectors = status.collectors
    .filter(({ state }) => state === 'degraded' || state === 'failed')
    .map(({ name, state, message }) =>
      (state === 'failed' ? fail : warn)(name, message, 'see docs/agent.md, collectors'),
    );
  return [connection, ...collectors];
}

/** A variable that is almost one of the agent's was meant to be one. */
function variables(env: Environment): Check[] {
  const known = knownVariables();
  return Object.keys(env)
    .filter((name) => name.startsWith('FLOTILLA_') && !known.includes(name))
    .flatMap((name) => {
      const meant = nearest(name, known);
      return meant === null
        ? []
        : [warn('environment', `${name} is no setting of the agent.`, `${meant} is probably meant`)];
    });
}
