import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import jsonwebtoken from 'jsonwebtoken';
import { z } from 'zod';
import { CONFIG } from '../config/index.js';
import type { Config } from '../config/index.js';
import { AppError } from '../errors/app-error.js';
import { SigningKeys } from './signing-keys.js';

/** What an access token says. */
export interface AccessClaims {
  readonly tenantId: string;
  readonly userId: number;
  readonly sessionId: string;
}

const TYPE = 'at+jwt';
const AUDIENCE = 'flotilla-api';
const Claims = z.object({ sub: z.string().regex(/^\d{1,15}$/), tid: z.uuid(), sid: z.uuid() });
const Header = z.object({ alg: z.literal('ES256'), typ: z.literal(TYPE), kid: z.string().min(1).max(64) });

/** Makes and checks the short-lived tokens of people. */
@Injectable()
export class AccessTokens {
  private issuer: string | undefined;

  constructor(
    private readonly db: Db,
    private readonly keys: SigningKeys,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async issue(claims: AccessClaims): Promise<string> {
    const key = await this.keys.current();
    return jsonwebtoken.sign({ tid: claims.tenantId, sid: claims.sessionId }, key.privateKey, {
      algorithm: 'ES256',
      keyid: key.kid,
      header: { alg: 'ES256', typ: TYPE },
      issuer: await this.issuerName(),
      audience: AUDIENCE,
      subject: String(claims.userId),
      jwtid: randomUUID(),
      expiresIn: this.config.accessTokenSeconds,
    });
  }

  /**
   * The header chooses nothing but which of our keys: algorithm and type are pinned, and other header fields (jku, x5u,
   * jwk) are never looked at.
   *
   * @throws AppError AUTH_ERROR
   */
  async verify(token: string): Promise<AccessClaims> {
    const header = Header.safeParse(headerOf(token));
    const key = header.success ? await this.keys.byId(header.data.kid) : undefined;
    if (!key) throw refused();
    const issuer = await this.issuerName();
    try {
      const payload = jsonwebtoken.verify(token, key.publicKey, { algorithms: ['ES256'], issuer, audience: AUDIENCE });
      const claims = Claims.parse(payload);
      return { tenantId: claims.tid, userId: Number(claims.sub), sessionId: claims.sid };
    } catch (error) {
      if (error instanceof jsonwebtoken.TokenExpiredError) {
        throw new AppError('AUTH_ERROR', 'The access token has expired. Refresh it at POST /api/auth/refresh-tokens.');
      }
      throw refused();
    }
  }

  /** This installation: a token of another one is refused even where keys were copied. */
  private async issuerName(): Promise<string> {
    if (this.issuer) return this.issuer;
    const row = await this.db.system((tx) =>
      tx.row<{ installation_id: string }>('SELECT i.installation_id FROM flotilla.installation i'),
    );
    this.issuer = `flotilla:${row!.installation_id}`;
    return this.issuer;
  }
}

function headerOf(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split('.', 1)[0]!, 'base64url').toString());
  } catch {
    return undefined;
  }
}

function refused(): AppError {
  return new AppError('AUTH_ERROR', 'The access token is not valid. Log in again at POST /api/auth/login.');
}
