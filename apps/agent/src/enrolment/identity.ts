import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Credential {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Who this agent is to its control plane. */
export interface Identity {
  /** host:port of the control plane that it belongs to. */
  readonly server: string;
  readonly agentId: string;
  readonly tenantId: string;
  /** The control plane's CA, PEM; empty: the machine's own root certificates vouch for it. */
  readonly caPem: string;
  readonly current: Credential;
  /** Renewed, and not proven yet: it takes over when a stream opened with it, and is dropped when it is refused. */
  readonly candidate: Credential | null;
}

/** The identity on disk: one file, mode 0600, replaced as a whole. */
export class IdentityFile {
  constructor(readonly path: string) {}

  /**
   * @returns null when the host is not enrolled
   * @throws Error when there is a file and it cannot be used
   */
  load(): Identity | null {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
    try {
      const identity = JSON.parse(text) as Identity;
      if (!identity.agentId || !identity.current.privateKeyPem) throw new Error('it lacks the agent id or the key');
      return identity;
    } catch (error) {
      throw new Error(`${this.path} is damaged (${(error as Error).message}); remove it and enrol the host again`, {
        cause: error,
      });
    }
  }

  /** Durable before it returns. @throws when the disk takes nothing */
  save(identity: Identity): void {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const fresh = `${this.path}.new`;
    const fd = openSync(fresh, 'w', 0o600);
    try {
      writeSync(fd, JSON.stringify(identity));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    chmodSync(fresh, 0o600);
    renameSync(fresh, this.path);
  }
}

/** Whether half of the certificate's life is over: time for the next one. */
export const isRenewalDue = ({ notBeforeMs, notAfterMs }: Credential, nowMs: number): boolean =>
  nowMs >= notBeforeMs + (notAfterMs - notBeforeMs) / 2;

export const isEnded = ({ notAfterMs }: Credential, nowMs: number): boolean => nowMs >= notAfterMs;

/** The candidate has proven itself. */
export const promoted = (identity: Identity): Identity =>
  identity.candidate ? { ...identity, current: identity.candidate, candidate: null } : identity;

/** The candidate was refused: back to the one before. */
export const reverted = (identity: Identity): Identity => ({ ...identity, candidate: null });
