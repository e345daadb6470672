import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { codeOf, fail, ok, warn } from './check.js';
import type { Check } from './check.js';

/** Whether the tool that the agent reads from answers, within the time that the agent would give it. */
export function nvidiaSmi(tool: string): Check {
  const name = 'nvidia-smi';
  const { status, stdout, stderr, error } = spawnSync(tool, ['-L'], { encoding: 'utf8', timeout: 15_000 });
  const code = codeOf(error);
  if (code === 'ENOENT') {
    return fail(name, `There is no ${tool}.`, 'install the NVIDIA driver, or set nvidia_smi to where it is');
  }
  if (code === 'EACCES') return fail(name, `${tool} may not be run by this user.`, `chmod a+rx ${tool}`);
  if (code === 'ETIMEDOUT') {
    return fail(
      name,
      `${tool} did not answer within 15 s.`,
      'look for Xid in the kernel log; often only a reboot helps',
    );
  }
  const said = `${stdout}\n${stderr}`.trim().split('\n')[0]?.slice(0, 200) ?? '';
  if (status !== 0) return fail(name, `${tool} says: ${said || `exit code ${status}`}.`, mendOf(said));
  const count = stdout.split('\n').filter((line) => /^GPU \d+/.test(line)).length;
  return count === 0
    ? warn(name, `${tool} answers and lists no GPU.`, 'lspci -d 10de: shows whether a board is plugged in')
    : ok(name, `${tool} lists ${count} GPU${count === 1 ? '' : 's'}.`);
}

function mendOf(said: string): string {
  if (/Driver\/library version mismatch/i.test(said))
    return 'the driver was upgraded under it: reboot, or reload its modules';
  if (/couldn't communicate|No devices/i.test(said))
    return 'modprobe nvidia; after a kernel upgrade the module must be built anew (dkms)';
  return 'look for NVRM in the kernel log';
}

/** The kernel module and the library must be of one version. */
export function driverModule(path = '/proc/driver/nvidia/version'): Check {
  const name = 'driver';
  if (!existsSync(path)) {
    return warn(name, 'The NVIDIA kernel module is not loaded (or not visible here).', 'modprobe nvidia');
  }
  const version = /Kernel Module(?: for \S+)?\s+([\d.]+)/.exec(readFileSync(path, 'utf8'))?.[1];
  return ok(name, `Kernel module ${version ?? 'of an unknown version'} is loaded.`);
}
