import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import type { Role, Session } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { Actor, WriteTx } from '@flotilla/persistence';
import {
  AccessTokens,
  AppError,
  CONFIG,
  Jobs,
  newBearerToken,
  parseBearerToken,
  Principals,
  sameHash,
} from '../platform/index.js';
import type { Config, RequestActor } from '../platform/index.js';

/** A session that is not refreshed for this long ends. */
const IDLE_DAYS = 14;
/** Two tabs that refresh with the same token at the same moment. */
const SIBLING_GRACE_SECONDS = 10;

/** Refresh families: a login, the tokens that it was exchanged for, its end. */
@Injectable()
export class SessionsService implements OnModuleInit {
  constructor(
    private readonly db: Db,
    private readonly tokens: AccessTokens,
    private readonly principals: Principals,
    private readonly jobs: Jobs,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.jobs.every({ name: 'auth.sweep-sessions', everyMs: 3_600_000, exclusive: true, run: () => this.sweep() });
  }

  /** Begins a session in the transaction of its login. */
  async begin(tx: WriteTx, actor: Actor, userId: number): Promise<() => Promise<Session>> {
    const row = await tx.row<{ id: string }>(
      `INSERT INTO flotilla.login_sessions (tenant_id, user_id, address, expires_at)
       VALUES ($1, $2, $3, now() + $4 * interval '1 day') RETURNING id`,
      [actor.tenantId, userId, actor.address ?? null, IDLE_DAYS],
    );
    const refreshToken = await this.addToken(tx, actor.tenantId, row!.id, null);
    const user = await loadUser(tx, userId);
    return () => this.session(actor.tenantId, row!.id, refreshToken, user);
  }

  /**
   * Exchanges a refresh token for a new pair. The predecessor of the newest token gets a sibling within ten seconds;
   * any other reuse means that the token was stolen, and ends the family.
   *
   * @throws AppError AUTH_ERROR
   */
  async refresh(actor: Actor, text: string): Promise<Session> {
    const given = parseBearerToken('flr', text);
    if (!given) throw ended();
    const outcome = await this.db.write({ ...actor, tenantId: given.tenantId }, async (tx) => {
      tx.withoutAudit('a refresh changes nothing that a person would look for; reuse is recorded');
      const token = await tx.row<TokenRow>(LOCK_TOKEN, [given.id, SIBLING_GRACE_SECONDS]);
      if (!token || !sameHash(token.token_hash, given.hash) || !token.usable) return undefined;
      if (token.used_at !== null && !token.within_grace) {
        await this.end(tx, given.tenantId, token.session_id, 'reuse');
        const subject = { type: 'user', id: token.user_id };
        await tx.record('auth.refresh_token_reused', subject, { session_id: token.session_id });
        return undefined;
      }
      await tx.rows('UPDATE flotilla.refresh_tokens SET used_at = coalesce(used_at, now()) WHERE id = $1', [given.id]);
      await tx.rows(`UPDATE flotilla.login_sessions SET expires_at = now() + $2 * interval '1 day' WHERE id = $1`, [
        token.session_id,
        IDLE_DAYS,
      ]);
      const refreshToken = await this.addToken(tx, given.tenantId, token.session_id, given.id);
      return { sessionId: token.session_id, refreshToken, user: await loadUser(tx, token.user_id) };
    });
    if (!outcome) throw ended();
    return this.session(given.tenantId, outcome.sessionId, outcome.refreshToken, outcome.user);
  }

  /** The family that a refresh token belongs to, for throttling; the text itself for what is no token. */
  async familyOf(text: string): Promise<string> {
    const given = parseBearerToken('flr', text);
    if (!given) return text.slice(0, 100);
    const row = await this.db.read(given, (tx) =>
      tx.row<{ session_id: string }>('SELECT r.session_id FROM flotilla.refresh_tokens r WHERE r.id = $1', [given.id]),
    );
    return row?.session_id ?? given.id;
  }

  /** Ends the caller's own session. @throws AppError FORBIDDEN for API keys and outside issuers' tokens, which have none */
  async logout(actor: RequestActor): Promise<void> {
    const { sessionId } = actor;
    if (sessionId === null) {
      throw new AppError(
        'FORBIDDEN',
        'There is no login session here to end: revoke an API key, or log out at the issuer of the token.',
      );
    }
    await this.db.write(actor, async (tx) => {
      await this.end(tx, actor.tenantId, sessionId, 'logout');
      await tx.record('auth.logout', actor.id ? { type: 'user', id: actor.id } : null, { session_id: sessionId });
    });
  }

  /** Ends every session of a user but `keep`, in the transaction of what makes that needed. */
  async endAll(
    tx: WriteTx,
    tenantId: string,
    userId: number,
    reason: string,
    keep: string | null = null,
  ): Promise<void> {
    await tx.rows(
      `UPDATE flotilla.login_sessions SET revoked_at = now(), revoked_reason = $2
        WHERE user_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $3::uuid`,
      [userId, reason, keep],
    );
    await this.principals.changed(tx, tenantId);
  }

  private async end(tx: WriteTx, tenantId: string, sessionId: string, reason: string): Promise<void> {
    await tx.rows(
      'UPDATE flotilla.login_sessions SET revoked_at = now(), revoked_reason = $2 WHERE id = $1 AND revoked_at IS NULL',
      [sessionId, reason],
    );
    await this.principals.changed(tx, tenantId);
  }

  private async addToken(tx: WriteTx, tenantId: string, sessionId: string, parentId: string | null): Promise<string> {
    const token = newBearerToken('flr', tenantId, randomUUID());
    await tx.rows(
      'INSERT INTO flotilla.refresh_tokens (tenant_id, id, session_id, parent_id, token_hash) VALUES ($1, $2, $3, $4, $5)',
      [tenantId, token.id, sessionId, parentId, token.hash],
    );
    return token.text;
  }

  private async session(tenantId: string, sessionId: string, refreshToken: string, user: UserRow): Promise<Session> {
    const accessToken = await this.tokens.issue({ tenantId, userId: user.id, sessionId });
    const expiresIn = this.config.accessTokenSeconds;
    return { accessToken, refreshToken, expiresIn, tokenType: 'Bearer', user: { ...user, tenant_id: tenantId } };
  }

  private async sweep(): Promise<void> {
    await this.db.system((tx) =>
      tx.rows(`DELETE FROM flotilla.login_sessions WHERE least(expires_at, revoked_at) < now() - interval '30 days'`),
    );
  }
}

interface UserRow {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly platform_operator: boolean;
}

interface TokenRow {
  readonly session_id: string;
  readonly user_id: number;
  readonly token_hash: Buffer;
  readonly used_at: Date | null;
  readonly usable: boolean;
  readonly within_grace: boolean;
}

// the session's row is locked: of two requests with one token the second sees what the first did
const LOCK_TOKEN = `
  SELECT r.session_id, s.user_id, r.token_hash, r.used_at,
         s.revoked_at IS NULL AND s.expires_at > now() AND u.status = 'active' AND t.status = 'active' AS usable,
         r.used_at > clock_timestamp() - $2 * interval '1 second'
           AND NOT EXISTS (SELECT 1 FROM flotilla.refresh_tokens c
                            WHERE c.tenant_id = r.tenant_id AND c.parent_id = r.id AND c.used_at IS NOT NULL) AS within_grace
    FROM flotilla.refresh_tokens r
    JOIN flotilla.login_sessions s ON s.tenant_id = r.tenant_id AND s.id = r.session_id
    JOIN flotilla.users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
    JOIN flotilla.tenants t ON t.tenant_id = s.tenant_id
   WHERE r.id = $1
     FOR UPDATE OF s, r`;

async function loadUser(tx: WriteTx, userId: number): Promise<UserRow> {
  const user = await tx.row<UserRow>(
    'SELECT u.id, u.email, u.name, u.role, u.platform_operator FROM flotilla.users u WHERE u.id = $1',
    [userId],
  );
  if (!user) throw ended();
  return user;
}

function ended(): AppError {
  return new AppError('AUTH_ERROR', 'The refresh token is not valid any more. Log in again at POST /api/auth/login.');
}
