import { Injectable } from '@nestjs/common';
import type { Actor } from '@flotilla/persistence';
import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import { IssuerKeys, KeysUnavailableError } from './issuer-keys.js';
import { isSignedBy, readToken } from './jws.js';
import type { UnverifiedToken } from './jws.js';
import { OidcTrusts } from './oidc-trusts.js';
import type { OidcTrust } from './oidc-trusts.js';
import { OidcUsers } from './oidc-users.js';
import type { OidcUser } from './oidc-users.js';

/** How far the issuer's clock may differ from ours, seconds. */
const CLOCK_SKEW_SECONDS = 30;
/** Tenants whose keys are tried for one token. */
const MOST_CANDIDATES = 10;

const Claims = z.looseObject({
  sub: z.string().min(1).max(255),
  exp: z.number(),
  nbf: z.number().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  azp: z.string().optional(),
});

/** Checks the session tokens of issuers that tenants configured. */
@Injectable()
export class OutsideTokens {
  constructor(
    private readonly trusts: OidcTrusts,
    private readonly keys: IssuerKeys,
    private readonly users: OidcUsers,
  ) {}

  /** Whether somebody else issued it: our own issuers are no addresses. Nothing of it is checked yet. */
  isOutside(text: string): boolean {
    return /^https?:/.test(String(readToken(text)?.claims['iss'] ?? ''));
  }

  /**
   * @param tenantHint X-Tenant-Id, for a token that several tenants accept
   * @throws AppError AUTH_ERROR; SERVICE_UNAVAILABLE when the issuer's keys cannot be had
   */
  async verify(
    text: string,
    tenantHint: string | undefined,
    common: Pick<Actor, 'address' | 'requestId'>,
  ): Promise<OidcUser> {
    const token = readToken(text);
    const claims = Claims.safeParse(token?.claims);
    if (!token || !claims.success) throw refused('The token is not one that can be read: a JWT with sub and exp.');
    const { data } = claims;
    const accepting = (await this.trusts.ofIssuer(String(data['iss'])))
      .filter((trust) => audiencesOf(data).includes(trust.audience))
      .filter((trust) => tenantHint === undefined || trust.tenantId === tenantHint);
    if (accepting.length === 0) throw refused('No tenant accepts tokens of this issuer for this audience.');
    const signed = await this.whoseKeysSigned(token, accepting.slice(0, MOST_CANDIDATES));
    if (signed.length === 0) throw refused('The signature of the token is not of a key of its issuer.');
    assertInTime(data);
    if (signed.length > 1) {
      throw refused('Several tenants accept this token. Name one with the header X-Tenant-Id.');
    }
    return this.users.of(signed[0]!, data, common);
  }

  /** Two tenants may name one issuer and fetch its keys elsewhere: only those whose keys signed count. */
  private async whoseKeysSigned(token: UnverifiedToken, candidates: readonly OidcTrust[]): Promise<OidcTrust[]> {
    const signed: OidcTrust[] = [];
    let away: KeysUnavailableError | undefined;
    for (const trust of candidates) {
      try {
        const key = await this.keys.find(trust.jwksUrl, token.header.kid);
        if (key && isSignedBy(token, key)) signed.push(trust);
      } catch (error) {
        if (!(error instanceof KeysUnavailableError)) throw error;
        away = error;
      }
    }
    if (signed.length === 0 && away) {
      throw new AppError(
        'SERVICE_UNAVAILABLE',
        `The keys of the token's issuer cannot be had: ${away.message}`,
        undefined,
        30,
      );
    }
    return signed;
  }
}

/** Session tokens of some issuers (Clerk) have no `aud`, and name in `azp` for whom they were issued. */
function audiencesOf({ aud, azp }: z.infer<typeof Claims>): readonly string[] {
  if (aud !== undefined) return typeof aud === 'string' ? [aud] : aud;
  return azp === undefined ? [] : [azp];
}

function assertInTime({ exp, nbf }: z.infer<typeof Claims>): void {
  const now = Date.now() / 1000;
  if (exp + CLOCK_SKEW_SECONDS <= now) throw refused('The token has expired. Get a new one from its issuer.');
  if (nbf !== undefined && nbf - CLOCK_SKEW_SECONDS > now) {
    throw refused("The token is not valid yet. Compare the clocks of its issuer and of this control plane's host.");
  }
}

function refused(message: string): AppError {
  return new AppError('AUTH_ERROR', message);
}
