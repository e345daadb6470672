import { readFileSync } from 'node:fs';
import { arch, hostname, release, type } from 'node:os';
import type { MachineFactsInput } from '@flotilla/contracts/agent';

/** What the host says about itself when it enrols and in each hello. */
export function machineFacts(agentVersion: string, machineFingerprint: string): MachineFactsInput {
  return {
    hostname: hostname(),
    machineFingerprint,
    os: osName(),
    kernel: `${type()} ${release()}`,
    arch: arch(),
    agentVersion,
  };
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
