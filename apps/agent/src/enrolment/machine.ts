import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { arch, hostname, release, type } from 'node:os';
import type { MachineFactsInput } from '@flotilla/contracts/agent';

/** What the host says about itself when it enrols and in each hello. */
export function machineFacts(agentVersion: string): MachineFactsInput {
  return {
    hostname: hostname(),
    machineFingerprint: machineFingerprint(),
    os: osName(),
    kernel: `${type()} ${release()}`,
    arch: arch(),
    agentVersion,
  };
}

/**
 * The same for the life of an installation, different on a clone: a hash over the machine-id and the mainboard's uuid,
 * so that neither itself leaves the host. Unprivileged agents cannot read the latter; then the former has to do.
 */
function machineFingerprint(): string {
  const parts = [read('/etc/machine-id') || read('/var/lib/dbus/machine-id'), read('/sys/class/dmi/id/product_uuid')];
  const known = parts.some((part) => part !== '') ? parts : [hostname(), ''];
  return createHash('sha256')
    .update(`flotilla-machine\n${known.join('\n')}`)
    .digest('hex');
}

function osName(): string {
  const pretty = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(read('/etc/os-release'))?.[1];
  return pretty ?? type();
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
