import { accessSync, closeSync, constants, openSync, readFileSync, readdirSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf, fail, ok, textOf, warn } from './check.js';
import type { Check } from './check.js';

/** Whether errors of the driver (Xid) can be seen: the kernel log is the only place where nvidia-smi's reader finds them. */
export function kernelLog(path = '/dev/kmsg'): Check {
  const name = 'kernel log';
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    return ok(name, `${path} can be read: errors of the driver (Xid) are seen.`);
  } catch (error) {
    const unseen = 'errors of the driver (Xid) are not seen';
    if (codeOf(error) === 'ENOENT') {
      return warn(
        name,
        `There is no ${path}: ${unseen}.`,
        'in a container, mount it: --device /dev/kmsg, or a hostPath',
      );
    }
    return warn(
      name,
      `${path} may not be read (${codeOf(error) || textOf(error)}): ${unseen}.`,
      'AmbientCapabilities=CAP_SYSLOG in the unit (the shipped one has it), or sysctl kernel.dmesg_restrict=0',
    );
  }
}

/** The device files without which nvidia-smi finds no driver. */
export function gpuDevices(folder = '/dev'): Check {
  const name = 'GPU devices';
  const found = namesIn(folder).filter((file) => /^nvidia(\d+|ctl)$/.test(file));
  if (found.length === 0) {
    return warn(
      name,
      `There is no ${folder}/nvidia*: the driver is not loaded here, or this is a container without GPUs.`,
      'modprobe nvidia; in a container: --gpus all, or the runtime class nvidia',
    );
  }
  const closed = found.filter((file) => !isOpen(join(folder, file), constants.R_OK | constants.W_OK));
  if (closed.length === 0) return ok(name, `${found.length} device files, all of them can be opened.`);
  return fail(
    name,
    `${closed.map((file) => join(folder, file)).join(', ')} may not be opened by this user.`,
    "add the agent's user to the group that owns them (often video or vglusers): usermod -aG video flotilla-agent",
  );
}

/** With hidepid the owners of GPU processes are hidden from everybody but root. */
export function processes(mounts = '/proc/self/mounts'): Check {
  const name = 'processes';
  const line = read(mounts)
    .split('\n')
    .find((mount) => mount.split(' ')[1] === '/proc');
  const hidepid = /hidepid=(\w+)/.exec(line ?? '')?.[1];
  if (hidepid === undefined || hidepid === '0' || hidepid === 'off') {
    return ok(name, 'Processes of other users can be seen: whose a GPU process is can be told.');
  }
  return warn(
    name,
    `/proc is mounted with hidepid=${hidepid}: whose a GPU process is cannot be told.`,
    "SupplementaryGroups= with the group of /proc's gid= option in the unit, or mount /proc without hidepid",
  );
}

/** @param needMb what the spool may grow to */
export function diskSpace(folder: string, needMb: number): Check {
  const name = 'disk';
  let place = folder;
  for (;;) {
    try {
      const { bavail, bsize, files, ffree } = statfsSync(place);
      const freeMb = Math.floor((bavail * bsize) / 1e6);
      if (freeMb < 20 || (files > 0 && ffree < 100)) {
        return fail(
          name,
          `${place} has ${freeMb} MB and ${ffree} inodes free: nothing can be kept there.`,
          'make room; until then the agent keeps the newest minutes in memory and refuses orders',
        );
      }
      if (freeMb < needMb) {
        return warn(
          name,
          `${place} has ${freeMb} MB free, and the spool may take ${needMb} MB when the server is away.`,
          'make room, or lower spool.max_mb',
        );
      }
      return ok(name, `${place} has ${freeMb} MB free; the spool takes at most ${needMb} MB.`);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || place === dirname(place)) {
        return fail(name, `${place} cannot be looked at: ${textOf(error)}.`, 'is the disk mounted?');
      }
      place = dirname(place);
    }
  }
}

/** Whether somebody keeps this host's clock. Wrong clocks are corrected when the server is reached, and not before. */
export function clockKept(root = '/'): Check {
  const name = 'clock';
  const adjusted = /^synchronized/.test(namesIn(join(root, 'run/systemd/timesync')).join(' '));
  const keeper = ['chrony', 'chronyd', 'ntp', 'ntpd', 'ntpsec'].find(
    (service) => namesIn(join(root, 'run')).includes(service) || namesIn(join(root, 'run')).includes(`${service}.pid`),
  );
  if (adjusted) return ok(name, 'systemd-timesyncd has set the clock by a time server.');
  if (keeper !== undefined) return ok(name, `${keeper} keeps the clock.`);
  return warn(
    name,
    'No sign of a time service (systemd-timesyncd, chrony, ntpd).',
    'install chrony; a wrong clock is corrected only while the control plane is reached',
  );
}

function isOpen(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
