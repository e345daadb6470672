import { join } from 'node:path';
import { systemClock } from '../clock.js';
import { machineIdentity } from '../collectors/index.js';
import { createLog } from '../config/logger.js';
import { IdentityFile } from '../enrolment/identity.js';
import { machineFacts } from '../enrolment/machine.js';
import { Trust } from '../enrolment/trust.js';
import { AGENT_VERSION } from '../version.js';
import type { Command } from './command.js';
import { say } from './say.js';

/** Trades the token for an identity. */
export const enroll: Command = async (invocation) => {
  const settings = invocation.settings();
  const trust = new Trust({
    file: new IdentityFile(join(settings.stateDir, 'identity.json')),
    server: settings.server,
    token: settings.token,
    machine: machineFacts(AGENT_VERSION, machineIdentity(settings.stateDir).fingerprint),
    nowMs: () => systemClock.nowMs(),
    log: createLog(settings.logLevel, process.stderr),
  });
  if (trust.isEnrolled) {
    say(`this host is enrolled already as agent ${trust.agentId}; remove ${settings.stateDir} to enrol it anew`);
    return 0;
  }
  await trust.enrol();
  say(`enrolled as agent ${trust.agentId}`);
  return 0;
};
