import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';

export interface MachineIdentity {
  /** Hash of machine-id and DMI uuid: tells a reinstalled agent from a cloned disk. 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** The provider id of a machine that no cloud names: `host-` and 16 digits, the same for the machine's life. */
  readonly instanceId: string;
}

interface Remembered {
  readonly machine: string;
  readonly dmi: string;
  readonly instanceId: string;
}

const NOTHING = /^(|0+(-0+)*|not (specified|settable|present).*|none|default string|to be filled by o\.e\.m\.)$/i;
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Who this machine is. The DMI uuid is readable by root only, so the id of an agent that once ran as root is kept in
 * `stateDir` and stands as long as the machine-id is the same and no other DMI uuid shows: a clone of the disk on other
 * hardware is a machine of its own.
 */
export function machineIdentity(stateDir: string, root = '/'): MachineIdentity {
  const machineId = first(root, ['etc/machine-id', 'var/lib/dbus/machine-id']);
  const dmiUuid = first(root, ['sys/class/dmi/id/product_uuid', 'sys/devices/virtual/dmi/id/product_uuid']);
  // A container without a machine-id still has its name and its address.
  const machine = hash(`flotilla-machine\n${machineId ?? `${hostname()}\n${macs()}`}`);
  const dmi = dmiUuid === undefined ? '' : hash(`flotilla-dmi\n${dmiUuid.toLowerCase()}`);
  const path = join(stateDir, 'machine.json');
  const before = remembered(path);
  const known = before?.machine === machine && (dmi === '' || before.dmi === '' || before.dmi === dmi);
  const now: Remembered = {
    machine,
    dmi: dmi || (known ? before.dmi : ''),
    instanceId: known ? before.instanceId : `host-${hash(`${machine}\n${dmi}`).slice(0, 16)}`,
  };
  if (JSON.stringify(now) !== JSON.stringify(before)) remember(stateDir, path, now);
  return { fingerprint: hash(`${machine}\n${now.dmi}`), instanceId: now.instanceId };
}

function first(root: string, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    try {
      const text = readFileSync(`${root}${path}`, 'utf8').trim();
      if (!NOTHING.test(text)) return text;
    } catch {
      // The next place may have it.
    }
  }
  return undefined;
}

const macs = (): string =>
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map((i) => i.mac)
    .filter((mac) => !/^[0:]+$/.test(mac))
    .sort()
    .join(',');

function remembered(path: string): Remembered | null {
  try {
    const { machine, dmi, instanceId } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Remembered>;
    return machine !== undefined && dmi !== undefined && instanceId !== undefined ? { machine, dmi, instanceId } : null;
  } catch {
    return null;
  }
}

function remember(stateDir: string, path: string, identity: Remembered): void {
  try {
    mkdirSync(stateDir, { recursive: true });
    writeFileSync(`${path}.new`, JSON.stringify(identity));
    renameSync(`${path}.new`, path);
  } catch {
    // A read-only disk: the id is computed again at every start, from the same facts.
  }
}
