import { accessSync, constants, existsSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { IdentityFile, isEnded, isRenewalDue } from '../../enrolment/identity.js';
import type { Identity } from '../../enrolment/identity.js';
import { runningAgent } from '../../state-lock.js';
import { fail, ok, textOf, warn } from './check.js';
import type { Check } from './check.js';

/** Whether an agent can keep there what must outlive it, and whether nobody else can read it. */
export function stateFolder(stateDir: string): Check {
  const name = 'state folder';
  const stat = statSync(stateDir, { throwIfNoEntry: false });
  if (!stat) return warn(name, `${stateDir} is not there: no agent ever ran with it.`, 'start the agent; it makes it');
  if (!stat.isDirectory()) return fail(name, `${stateDir} is no folder.`, 'remove it, or set another state_dir');
  if ((stat.mode & 0o077) !== 0) {
    return warn(name, `Other users may look into ${stateDir}, where the private key lies.`, `chmod 0700 ${stateDir}`);
  }
  try {
    accessSync(stateDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return fail(
      name,
      `This user may not write ${stateDir} (it belongs to the user with id ${stat.uid}).`,
      'call doctor as root or as that user; if the service has this trouble: chown -R flotilla-agent: on it',
    );
  }
  return ok(name, `${stateDir} can be written, and by nobody else.`);
}

export function readIdentity(stateDir: string): { identity: Identity | null; fault: string | null } {
  try {
    return { identity: new IdentityFile(join(stateDir, 'identity.json')).load(), fault: null };
  } catch (error) {
    return { identity: null, fault: textOf(error) };
  }
}

/** Who this agent is, and how long its certificate lasts. */
export function identityCheck(stateDir: string, isSync: boolean, nowMs: number): Check {
  const name = 'identity';
  const { identity, fault } = readIdentity(stateDir);
  if (isSync) return ok(name, 'None is needed: this agent uses an API key (sync_url).');
  if (fault !== null) return fail(name, `The identity cannot be used: ${fault}.`, 'remove it and enrol the host anew');
  if (!identity) {
    return fail(
      name,
      'This host is not enrolled.',
      'flotilla-agent enroll --server host:50051 --token … (an admin makes one under Agents, Add host)',
    );
  }
  const { current, agentId } = identity;
  try {
    if (!new X509Certificate(current.certificatePem).checkPrivateKey(createPrivateKey(current.privateKeyPem))) {
      return fail(name, 'The certificate is of another key.', 'remove identity.json and enrol the host anew');
    }
  } catch (error) {
    return fail(name, `The certificate cannot be read: ${textOf(error)}.`, 'remove identity.json and enrol anew');
  }
  const until = new Date(current.notAfterMs).toISOString().slice(0, 16).replace('T', ' ');
  if (isEnded(current, nowMs)) {
    const days = (nowMs - current.notAfterMs) / 86_400_000;
    return days > 90
      ? fail(name, `Agent ${agentId}: the certificate ended at ${until} UTC.`, 'after 90 days only a new token helps')
      : warn(
          name,
          `Agent ${agentId}: the certificate ended at ${until} UTC; the agent proves its key and gets a new one.`,
          'start the agent; if it runs, see server and clock below',
        );
  }
  if (isRenewalDue(current, nowMs + 3_600_000) && current.notAfterMs - nowMs < 6 * 3_600_000) {
    return warn(
      name,
      `Agent ${agentId}: the certificate ends at ${until} UTC and should have been renewed at half its life.`,
      'see server below; is the agent running?',
    );
  }
  return ok(name, `Agent ${agentId}, certificate until ${until} UTC.`);
}

/** Nobody but the agent may have files of its state folder open: two agents would send one spool. */
export function otherUsers(stateDir: string): Check {
  const name = 'one agent';
  const holder = runningAgent(stateDir);
  const others = pidsWithFilesBelow(stateDir).filter((pid) => pid !== holder && pid !== process.pid);
  if (others.length > 0) {
    return fail(
      name,
      `Process ${others.join(', ')} has files of ${stateDir} open${holder === null ? '' : ` beside the agent (process ${holder})`}.`,
      'stop it, or give one of them another --state-dir',
    );
  }
  return holder === null
    ? warn(name, 'No agent runs with this state folder.', 'systemctl start flotilla-agent, or flotilla-agent run')
    : ok(name, `Process ${holder} is the agent of this state folder, and the only one.`);
}

/** Only what this user may see; root sees everybody's. */
function pidsWithFilesBelow(folder: string): number[] {
  if (!existsSync('/proc/self/fd')) return [];
  return names('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) =>
      names(`/proc/${pid}/fd`).some((fd) => {
        try {
          return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(`${folder}/`);
        } catch {
          return false;
        }
      }),
    )
    .map(Number);
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
