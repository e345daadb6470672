import { createHash } from 'node:crypto';
import { parseEnrollmentToken } from '@flotilla/contracts/agent';
import type { MachineFactsInput } from '@flotilla/contracts/agent';
import type { Log } from '../log.js';
import type { Verdict } from '../session/closing.js';
import { openGrpcLink } from '../session/grpc-link.js';
import type { Link, LinkEvents } from '../session/link.js';
import { channelCredentials, enrol, EnrolmentError, renew } from './enrol.js';
import { derOfPem } from './csr.js';
import { isRenewalDue, promoted, reverted } from './identity.js';
import type { Identity, IdentityFile } from './identity.js';

export interface TrustOptions {
  readonly file: IdentityFile;
  /** host:port; null: where the host was enrolled. */
  readonly server: string | null;
  readonly token: string | null;
  readonly machine: MachineFactsInput;
  /** Unix milliseconds of the host. */
  readonly nowMs: () => number;
  readonly log: Log;
}

const RENEW_AGAIN_MS = 10 * 60_000;

/** Keeps the identity of this agent: enrols, renews, and chooses what to connect with. */
export class Trust {
  private identity: Identity | null;
  private tokenUsed = false;
  private connectedWithCandidate = false;
  private skipCandidate = false;
  private nextRenewalMs = 0;
  private renewing = false;

  /** @throws Error when there is an identity and it cannot be read */
  constructor(private readonly options: TrustOptions) {
    const identity = options.file.load();
    // made for another control plane (its database was made anew, say): the token leads to the right one
    const foreign = identity !== null && options.token !== null && !sameAuthority(identity, options.token);
    this.identity = foreign ? null : identity;
    if (foreign)
      options.log.warn('the identity of this host is of another control plane than the token; enrolling anew');
  }

  get agentId(): string {
    return this.identity?.agentId ?? '';
  }

  get isEnrolled(): boolean {
    return this.identity !== null;
  }

  get server(): string | null {
    return this.options.server ?? this.identity?.server ?? null;
  }

  /**
   * Enrols once; the caller decides whether to try again.
   *
   * @throws EnrolmentError, UntrustedServerError; and Error when the identity cannot be stored
   */
  async enrol(): Promise<void> {
    const { file, token, machine, nowMs, log } = this.options;
    const { server } = this;
    if (!server || !token) {
      throw new EnrolmentError('this host is not enrolled: start it once with --server and --token', null);
    }
    const identity = await enrol(server, token, machine, nowMs());
    this.tokenUsed = true;
    file.save(identity);
    this.identity = identity;
    log.info({ agent_id: identity.agentId }, 'enrolled');
  }

  /** Opens a stream with the candidate certificate where there is one, otherwise with the current. */
  open(events: LinkEvents): Link {
    const { identity, server } = this;
    if (!identity || !server) throw new Error('a stream was opened before the host was enrolled (a bug)');
    const credential = (this.skipCandidate ? null : identity.candidate) ?? identity.current;
    this.connectedWithCandidate = credential === identity.candidate;
    return openGrpcLink(server, channelCredentials(server, identity.caPem, credential), events);
  }

  /** The stream opened: what it was opened with is proven. */
  welcomed(): void {
    this.skipCandidate = false;
    if (!this.identity?.candidate) return;
    this.keep(this.connectedWithCandidate ? promoted(this.identity) : reverted(this.identity));
    if (!this.connectedWithCandidate)
      this.options.log.warn('the renewed certificate does not open a stream; asking for another');
  }

  /** Does what may help the next attempt. */
  async closed(verdict: Verdict, wasLive: boolean): Promise<void> {
    if (wasLive || !this.identity) return;
    if (this.identity.candidate && this.connectedWithCandidate) {
      // refused, or perhaps only out of reach: the next attempt tries the one before
      if (verdict.kind === 'unauthenticated') this.keep(reverted(this.identity));
      else this.skipCandidate = !this.skipCandidate;
      return;
    }
    this.skipCandidate = false;
    if (verdict.kind === 'revoked' && this.options.token && !this.tokenUsed) {
      this.tokenUsed = true;
      await this.attempt('a new enrolment', () => this.enrol());
    } else if (verdict.kind === 'unauthenticated') {
      await this.attempt('renewing the certificate', () => this.renew(true));
    }
  }

  /** Renews at half life. @returns whether a stream should be opened with the new certificate now */
  async tick(): Promise<boolean> {
    const { nowMs } = this.options;
    const { identity } = this;
    if (!identity || identity.candidate || this.renewing || nowMs() < this.nextRenewalMs) return false;
    if (!isRenewalDue(identity.current, nowMs())) return false;
    this.nextRenewalMs = nowMs() + RENEW_AGAIN_MS;
    return this.attempt('renewing the certificate', () => this.renew(false));
  }

  private async renew(byProof: boolean): Promise<void> {
    if (!this.identity || !this.server) return;
    this.keep(await renew(this.server, this.identity, this.options.nowMs(), byProof));
    this.options.log.info('the certificate was renewed; it takes over when a stream opened with it');
  }

  private async attempt(what: string, work: () => Promise<void>): Promise<boolean> {
    if (this.renewing) return false;
    this.renewing = true;
    try {
      await work();
      return true;
    } catch (error) {
      this.options.log.error(`${what} did not work: ${(error as Error).message}`);
      return false;
    } finally {
      this.renewing = false;
    }
  }

  private keep(identity: Identity): void {
    this.identity = identity;
    try {
      this.options.file.save(identity);
    } catch (error) {
      this.options.log.error({ err: error }, 'the identity cannot be stored; it is kept until this process ends');
    }
  }
}

function sameAuthority(identity: Identity, token: string): boolean {
  const wanted = parseEnrollmentToken(token)?.caSha256;
  if (wanted === undefined) return true;
  if (wanted === null || identity.caPem === '') return (wanted === null) === (identity.caPem === '');
  return createHash('sha256').update(derOfPem(identity.caPem)).digest('hex') === wanted;
}
