import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SettingsError } from '../config/settings-error.js';
import type { Settings } from '../config/settings.js';
import type { Command } from './command.js';
import { configSteps, leftAsItIs } from './install/config.js';
import { Machine, ROOT_ACCOUNT } from './install/machine.js';
import type { Account } from './install/machine.js';
import { programPath, programSteps, self } from './install/program.js';
import { makeSteps } from './install/step.js';
import type { Step } from './install/step.js';
import { PATHS, SERVICE, unitText, USER } from './install/unit.js';
import { complain, say } from './say.js';

/** Makes this host run the agent. Every step looks first whether it is done, so that it can be called again. */
export const install: Command = async ({ settings: read, line, env }) => {
  const { flags } = line;
  const settings = read();
  const machine = new Machine(flags.root ?? '/', env);
  const dryRun = flags['dry-run'] === true;
  checkCall(machine, settings, dryRun);
  for (const note of leftAsItIs(machine, settings, flags)) say(note);
  const account = (): Account => {
    const found = machine.account(USER);
    if (found) return found;
    throw new Error(`there is no user ${USER}`);
  };
  const steps = [
    userStep(machine),
    ...groupSteps(machine),
    ...folderSteps(machine, account),
    ...programSteps(machine, self()),
    ...configSteps(machine, settings, flags, account),
    ...enrolSteps(machine, settings, account),
    ...serviceSteps(machine, flags['no-start'] !== true),
  ];
  if (!(await makeSteps(steps, { dryRun, say }))) return 1;
  if (!dryRun) {
    if (machine.isLive)
      say(`\nThis host runs the agent: systemctl status flotilla-agent; ${programPath(machine)} doctor`);
    else say('\nInstalled. systemd does not run here, so nothing was started.');
  }
  return 0;
};

/** @throws SettingsError when it cannot work from the start */
function checkCall(machine: Machine, settings: Settings, dryRun: boolean): void {
  const wrong: string[] = [];
  if (!dryRun && process.getuid?.() !== 0)
    wrong.push('install needs root: call it with sudo, or look first with --dry-run');
  if (!existsSync(machine.root)) wrong.push(`--root ${machine.root}: there is no such folder`);
  if (
    !machine.has(PATHS.config) &&
    settings.server === null &&
    settings.sync === null &&
    settings.prometheus === null
  ) {
    wrong.push('--server (with --token or --token-file) or --sync-url is missing: where should this host report?');
  }
  if (wrong.length > 0) throw new SettingsError(wrong);
}

function userStep(machine: Machine): Step {
  return {
    what: `the user ${USER} is there, without a shell or a password`,
    isDone: () => machine.account(USER) !== null,
    make: () => {
      const prefix = machine.root === '/' ? [] : ['--prefix', machine.root];
      // a group that an earlier uninstall left behind
      const hasGroup =
        machine
          .read('/etc/group')
          ?.split('\n')
          .some((line) => line.startsWith(`${USER}:`)) === true;
      const group = hasGroup ? ['--gid', USER] : ['--user-group'];
      const args = ['--system', ...group, '--home-dir', PATHS.state, '--no-create-home'];
      machine.call('useradd', [...prefix, ...args, '--shell', '/usr/sbin/nologin', USER]);
    },
  };
}

/** Most drivers let everybody open their devices; some hosts keep them to a group. */
function groupSteps(machine: Machine): Step[] {
  const device = machine.root === '/' ? statSync('/dev/nvidiactl', { throwIfNoEntry: false }) : undefined;
  if (!device || (device.mode & 0o006) === 0o006 || device.gid === 0) return [];
  const entry = machine
    .read('/etc/group')
    ?.split('\n')
    .map((group) => group.split(':'))
    .find(([, , gid]) => Number(gid) === device.gid);
  const group = entry?.[0];
  if (group === undefined) return [];
  return [
    {
      what: `${USER} is in the group ${group}, which owns the GPU devices`,
      isDone: () => (entry?.[3] ?? '').split(',').includes(USER),
      make: () => void machine.call('usermod', ['--append', '--groups', group, USER]),
    },
  ];
}

function folderSteps(machine: Machine, account: () => Account): Step[] {
  const folder = (path: string, mode: number, whose: () => Account): Step => ({
    what: `${path} is there (mode ${mode.toString(8).padStart(4, '0')})`,
    isDone: () => machine.has(path) && machine.account(USER) !== null && machine.isOwned(path, mode, whose()),
    make: () => machine.folder(path, mode, whose()),
  });
  return [folder('/etc/flotilla', 0o755, () => ROOT_ACCOUNT), folder(PATHS.state, 0o700, account)];
}

/** The token is traded now, by the agent's user, so that a refusal is seen here; in an image at the first start. */
function enrolSteps(machine: Machine, settings: Settings, account: () => Account): Step[] {
  const { token, server } = settings;
  if (token === null || settings.sync !== null) return [];
  const tokenFile = join(PATHS.state, 'enrollment-token');
  const hasIdentity = () => machine.has(join(PATHS.state, 'identity.json'));
  if (machine.root !== '/') {
    return [
      {
        what: `${tokenFile} is traded for an identity at the first start`,
        isDone: () => hasIdentity() || machine.read(tokenFile)?.trim() === token,
        make: () => machine.write(tokenFile, `${token}\n`, 0o600, account()),
      },
    ];
  }
  return [
    {
      what: 'this host is enrolled',
      isDone: hasIdentity,
      make: () => {
        const [program, ...args] = self().argv;
        const call = [...args, 'enroll', '--state-dir', PATHS.state, ...(server === null ? [] : ['--server', server])];
        machine.call(program, call, {
          account: account(),
          env: { FLOTILLA_ENROLLMENT_TOKEN: token, HOME: PATHS.state },
        });
      },
    },
  ];
}

function serviceSteps(machine: Machine, start: boolean): Step[] {
  const unit = unitText(programPath(machine));
  const steps: Step[] = [];
  let changed = false;
  if (!machine.has(PATHS.packagedUnit)) {
    steps.push({
      what: `${PATHS.unit} is the unit of this version`,
      isDone: () => machine.read(PATHS.unit) === unit,
      make: () => {
        machine.write(PATHS.unit, unit, 0o644, ROOT_ACCOUNT);
        changed = true;
      },
    });
  }
  if (!machine.isLive || !start) return steps;
  return [
    ...steps,
    {
      what: 'the service is enabled and runs this version',
      isDone: () => false,
      make: () => {
        if (changed) machine.call('systemctl', ['daemon-reload']);
        machine.call('systemctl', ['enable', SERVICE]);
        machine.call('systemctl', ['restart', SERVICE]);
        if (!machine.asks('systemctl', ['is-active', '--quiet', SERVICE])) {
          complain(`see: journalctl -u ${SERVICE} -n 20`);
          throw new Error('it ended at once');
        }
      },
    },
  ];
}
