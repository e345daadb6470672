import { createInterface } from 'node:readline/promises';
import { leave } from '../enrolment/enrol.js';
import { IdentityFile } from '../enrolment/identity.js';
import type { Identity } from '../enrolment/identity.js';
import { SettingsError } from '../config/settings-error.js';
import type { Command } from './command.js';
import { Machine } from './install/machine.js';
import { makeSteps } from './install/step.js';
import type { Step } from './install/step.js';
import { PATHS, SERVICE, USER } from './install/unit.js';
import { say } from './say.js';

/** Removes what `install` made. The state goes only when that is asked for: it holds what was not sent yet. */
export const uninstall: Command = async ({ line: { flags }, env }) => {
  const machine = new Machine(flags.root ?? '/', env);
  const dryRun = flags['dry-run'] === true;
  const wrong: string[] = [];
  if (flags['keep-state'] && flags['remove-state']) wrong.push('--keep-state and --remove-state contradict each other');
  if (!dryRun && process.getuid?.() !== 0)
    wrong.push('uninstall needs root: call it with sudo, or look first with --dry-run');
  if (wrong.length > 0) throw new SettingsError(wrong);
  if (machine.has(PATHS.packagedUnit)) {
    say('The agent of this host came as a package: apt-get remove flotilla-agent (purge removes its state too).');
    return 1;
  }
  const identity = identityOf(machine);
  if (!dryRun && !flags.yes && !(await agreed('Remove the agent from this host?'))) return 1;
  const removeState =
    flags['remove-state'] === true ||
    (flags['keep-state'] !== true &&
      !flags.yes &&
      !dryRun &&
      (await agreed(
        'Remove its identity and what was not sent yet, too? (no: a later install goes on as the same agent)',
      )));
  const left = removeState && !dryRun && identity !== null && (await hasLeft(identity));
  if (!(await makeSteps(steps(machine, removeState), { dryRun, say }))) return 1;
  if (!removeState) say(`\n${PATHS.state} and ${PATHS.config} are kept: a later install goes on as the same agent.`);
  if (identity !== null && removeState && !left) {
    const { agentId } = identity;
    say(
      `\nThe control plane still knows this host as agent ${agentId}: revoke it there (Agents, or DELETE /agents/${agentId}).`,
    );
  }
  return 0;
};

function steps(machine: Machine, removeState: boolean): Step[] {
  const gone = (path: string): Step => ({
    what: `${path} is removed`,
    isDone: () => !machine.has(path),
    make: () => machine.remove(path),
  });
  const service: Step[] = machine.isLive
    ? [
        {
          what: 'the service is stopped and disabled',
          isDone: () =>
            !machine.asks('systemctl', ['is-active', '--quiet', SERVICE]) &&
            !machine.asks('systemctl', ['is-enabled', '--quiet', SERVICE]),
          make: () => void machine.call('systemctl', ['disable', '--now', SERVICE]),
        },
      ]
    : [];
  const reload: Step[] = machine.isLive
    ? [
        {
          what: 'systemd forgot the unit',
          isDone: () => false,
          make: () => void machine.call('systemctl', ['daemon-reload']),
        },
      ]
    : [];
  const state = removeState
    ? [
        gone(PATHS.state),
        gone(PATHS.config),
        gone(PATHS.apiKey),
        {
          what: `the user ${USER} is removed`,
          isDone: () => machine.account(USER) === null,
          make: () => {
            const prefix = machine.root === '/' ? [] : ['--prefix', machine.root];
            machine.call('userdel', [...prefix, USER]);
          },
        },
      ]
    : [];
  return [
    ...service,
    gone(PATHS.unit),
    ...reload,
    gone(PATHS.program),
    gone(PATHS.bundle),
    gone(PATHS.koffi),
    ...state,
  ];
}

/** Ends the agent at the control plane too. What stands in the way is said, and the host is cleared all the same. */
async function hasLeft(identity: Identity): Promise<boolean> {
  try {
    await leave(identity.server, identity, Date.now());
    say(`done     agent ${identity.agentId} is revoked at ${identity.server}`);
    return true;
  } catch (error) {
    say(`failed   agent ${identity.agentId} is revoked at ${identity.server}: ${(error as Error).message}`);
    return false;
  }
}

function identityOf(machine: Machine): Identity | null {
  try {
    return new IdentityFile(machine.at(`${PATHS.state}/identity.json`)).load();
  } catch {
    return null;
  }
}

/** Asks on a terminal; where nobody can answer, nothing is agreed. */
async function agreed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    say(`${question} Nobody can answer here: say --yes, and --keep-state or --remove-state.`);
    return false;
  }
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await asking.question(`${question} [y/N] `)).trim());
  } finally {
    asking.close();
  }
}
