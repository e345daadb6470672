import { Injectable } from '@nestjs/common';
import { Log } from '../log/log.js';
import { Outbound, OutboundError } from '../outbound/index.js';
import { keysOf } from './jws.js';
import type { IssuerKey } from './jws.js';

/** Keys are asked for again after this: what an issuer withdrew is believed for as long at most. */
const FRESH_MS = 600_000;
/** While the issuer is away its last keys are believed for this long. */
const STALE_MS = 86_400_000;
/** Unknown kids and failures ask again at most this often: made-up tokens must not become calls. */
const ASK_AGAIN_MS = 30_000;
const MOST_ISSUERS = 1_000;

/** The keys of an issuer cannot be had just now. The message says why. */
export class KeysUnavailableError extends Error {}

interface Cached {
  keys: readonly IssuerKey[];
  fetchedAt: number;
  /** When it was last asked because of a failure or of a kid that is not known. */
  retriedAt: number;
  fault: string;
  running?: Promise<void> | undefined;
}

/** The public keys of outside issuers, by the address of their JWKS. */
@Injectable()
export class IssuerKeys {
  private readonly cached = new Map<string, Cached>();
  private readonly log: Log;

  constructor(
    private readonly outbound: Outbound,
    log: Log,
  ) {
    this.log = log.child('oidc');
  }

  /**
   * The key of this kid, or the only key where a token names none; undefined when the issuer has no such key.
   *
   * @throws KeysUnavailableError
   */
  async find(url: string, kid: string | undefined): Promise<IssuerKey | undefined> {
    const entry = this.entry(url);
    const before = entry.fetchedAt;
    if (performance.now() - before > FRESH_MS) await this.refresh(url, entry);
    const known = pick(entry.keys, kid);
    if (!known && kid !== undefined && entry.fetchedAt === before) await this.refresh(url, entry);
    if (performance.now() - entry.fetchedAt > STALE_MS) throw new KeysUnavailableError(entry.fault);
    return known ?? pick(entry.keys, kid);
  }

  /** Asks now, for whoever configures the address. @throws KeysUnavailableError saying what is wrong with it */
  async check(url: string): Promise<void> {
    const keys = await this.fetch(url);
    Object.assign(this.entry(url), { keys, fetchedAt: performance.now() });
  }

  private entry(url: string): Cached {
    const known = this.cached.get(url);
    if (known) return known;
    if (this.cached.size >= MOST_ISSUERS) this.cached.clear();
    const never = Number.NEGATIVE_INFINITY;
    const entry = { keys: [], fetchedAt: never, retriedAt: never, fault: 'they were not asked for yet' };
    this.cached.set(url, entry);
    return entry;
  }

  /** One question at a time, and not again too soon; a failure keeps what is known. */
  private async refresh(url: string, entry: Cached): Promise<void> {
    if (entry.running) return entry.running;
    if (performance.now() - entry.retriedAt < ASK_AGAIN_MS) return;
    // the first question of all does not count: the issuer may change its keys right after
    if (entry.fetchedAt !== Number.NEGATIVE_INFINITY) entry.retriedAt = performance.now();
    entry.running = this.fetch(url)
      .then(
        (keys) => void Object.assign(entry, { keys, fetchedAt: performance.now() }),
        (error: Error) => {
          Object.assign(entry, { retriedAt: performance.now(), fault: error.message });
          this.log.warn({ url, reason: error.message }, 'the keys of an outside issuer could not be fetched');
        },
      )
      .finally(() => (entry.running = undefined));
    return entry.running;
  }

  private async fetch(url: string): Promise<IssuerKey[]> {
    try {
      const answer = await this.outbound.call(url, { timeoutMs: 5_000, maxBytes: 262_144 });
      if (answer.status !== 200) throw new KeysUnavailableError(`${new URL(url).host} answered ${answer.status}.`);
      const keys = keysOf(JSON.parse(answer.body.toString()));
      if (keys.length === 0) {
        throw new KeysUnavailableError(
          'There is no key for RS256 (2048 bits or more), ES256 or EdDSA (Ed25519) in it.',
        );
      }
      return keys;
    } catch (error) {
      if (error instanceof KeysUnavailableError) throw error;
      throw new KeysUnavailableError(
        error instanceof OutboundError
          ? error.message
          : `${new URL(url).host} answered with something that is no JWKS.`,
      );
    }
  }
}

function pick(keys: readonly IssuerKey[], kid: string | undefined): IssuerKey | undefined {
  if (kid === undefined) return keys.length === 1 ? keys[0] : undefined;
  return keys.find((one) => one.kid === kid);
}
