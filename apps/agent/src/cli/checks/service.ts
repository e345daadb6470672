import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { PATHS, SERVICE, unitText } from '../install/unit.js';
import { fail, ok, warn } from './check.js';
import type { Check } from './check.js';

/** The service, where systemd runs this host. */
export function service(): Check[] {
  const name = 'service';
  if (!existsSync('/run/systemd/system')) return [];
  const path = [PATHS.unit, PATHS.packagedUnit].find((unit) => existsSync(unit));
  if (path === undefined) {
    return [warn(name, 'There is no unit of the agent: it does not start with this host.', 'flotilla-agent install')];
  }
  const show = spawnSync('systemctl', ['show', SERVICE, '--property=ActiveState,UnitFileState,NRestarts,Result'], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  const of = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(show.stdout)?.[1] ?? '';
  const checks: Check[] = [];
  if (of('ActiveState') !== 'active') {
    checks.push(
      fail(
        name,
        `The service is ${of('ActiveState') || 'unknown'} (${of('Result')}).`,
        `journalctl -u ${SERVICE} -n 30; systemctl start ${SERVICE}`,
      ),
    );
  } else if (of('UnitFileState') !== 'enabled') {
    checks.push(warn(name, 'The service runs, and will not after a reboot.', `systemctl enable ${SERVICE}`));
  } else if (Number(of('NRestarts')) > 3) {
    checks.push(warn(name, `The service was restarted ${of('NRestarts')} times.`, `journalctl -u ${SERVICE} -n 100`));
  } else checks.push(ok(name, 'The service runs and starts with this host.'));
  const text = readFileSync(path, 'utf8');
  const program = /^ExecStart=(\S+)/m.exec(text)?.[1] ?? '';
  if (text !== unitText(program)) {
    const lost = /^KillMode=process$/m.test(text)
      ? ''
      : ' Without KillMode=process commands under way die with the agent.';
    checks.push(
      warn(
        'unit',
        `${path} is not the unit of this version.${lost}`,
        'flotilla-agent install writes it; own changes belong into systemctl edit',
      ),
    );
  }
  return checks;
}
