import { Injectable } from '@nestjs/common';
import { AppError } from '../errors/app-error.js';
import { OutsideTokens } from '../oidc/index.js';
import type { FlotillaRequest, RequestActor } from '../rest/actor.js';
import { parseApiKey, sameHash } from '../secrets/index.js';
import { AccessTokens } from './access-tokens.js';
import { KeyUsage } from './key-usage.js';
import { effectiveRole } from './permissions.js';
import { Principals } from './principals.js';

/** Finds out who calls: a person by our or an outside issuer's token, or an API key by X-API-Key or as Bearer. */
@Injectable()
export class Authenticator {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly principals: Principals,
    private readonly usage: KeyUsage,
    private readonly outside: OutsideTokens,
  ) {}

  /** @throws AppError AUTH_ERROR */
  async authenticate(request: FlotillaRequest): Promise<RequestActor> {
    const credential = credentialOf(request);
    const common = { address: request.ip, requestId: request.requestId, agentId: null };
    if (credential.startsWith('flt_')) return this.byKey(credential, common);
    if (this.outside.isOutside(credential)) return this.byOutsideToken(request, credential, common);
    return this.byToken(credential, common);
  }

  private async byKey(text: string, common: Common): Promise<RequestActor> {
    const given = parseApiKey(text);
    const key = given && (await this.principals.key(given.id));
    if (!key || !key.usable || !sameHash(key.secretHash, given.hash)) {
      throw new AppError('AUTH_ERROR', 'The API key is not valid. An admin can issue one at POST /api/api-keys.');
    }
    if (key.expiresAt && key.expiresAt.getTime() <= Date.now()) {
      throw new AppError('AUTH_ERROR', `The API key expired at ${key.expiresAt.toISOString()}. Issue a new one.`);
    }
    this.usage.note(given.id);
    return {
      ...common,
      tenantId: key.tenantId,
      type: 'api_key',
      id: given.id,
      label: key.name,
      role: effectiveRole(key.role, key.scopes),
      scopes: key.scopes,
      userId: null,
      apiKeyId: given.id,
      platformOperator: false,
      sessionId: null,
      rateLimitPerMinute: key.rateLimitPerMinute,
    };
  }

  private async byToken(text: string, common: Common): Promise<RequestActor> {
    const claims = await this.tokens.verify(text);
    const user = await this.principals.user(claims);
    if (!user?.usable)
      throw new AppError('AUTH_ERROR', 'This session has ended. Log in again at POST /api/auth/login.');
    return {
      ...common,
      tenantId: claims.tenantId,
      type: 'user',
      id: String(claims.userId),
      label: user.email,
      role: user.role,
      scopes: [],
      userId: claims.userId,
      apiKeyId: null,
      platformOperator: user.platformOperator,
      sessionId: claims.sessionId,
      rateLimitPerMinute: user.rateLimitPerMinute,
    };
  }

  private async byOutsideToken(request: FlotillaRequest, text: string, common: Common): Promise<RequestActor> {
    const hint = request.headers['x-tenant-id'];
    const user = await this.outside.verify(text, typeof hint === 'string' && hint ? hint : undefined, common);
    return {
      ...common,
      tenantId: user.tenantId,
      type: 'user',
      id: String(user.userId),
      label: user.email,
      role: user.role,
      scopes: [],
      userId: user.userId,
      apiKeyId: null,
      // a tenant chooses its issuer, so its tokens reach no further than the tenant
      platformOperator: false,
      sessionId: null,
      rateLimitPerMinute: user.rateLimitPerMinute,
    };
  }
}

type Common = Pick<RequestActor, 'address' | 'requestId' | 'agentId'>;

function credentialOf(request: FlotillaRequest): string {
  const key = request.headers['x-api-key'];
  const bearer = /^Bearer +(\S{1,8000})$/i.exec(request.headers.authorization ?? '')?.[1];
  if (typeof key === 'string' && key && bearer && key !== bearer) {
    throw new AppError('AUTH_ERROR', 'Two credentials came: send X-API-Key or Authorization, not both.');
  }
  const credential = (typeof key === 'string' && key) || bearer;
  if (credential) return credential;
  throw new AppError('AUTH_ERROR', 'Say who calls: Authorization: Bearer <access token>, or X-API-Key: <key>.');
}
