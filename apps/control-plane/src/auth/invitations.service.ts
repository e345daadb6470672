import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { AcceptInvitationBody, ChangePasswordBody, Session } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { Actor, SystemTx, WriteTx } from '@flotilla/persistence';
import { AppError, CONFIG, newBearerToken, parseBearerToken, Principals, sameHash } from '../platform/index.js';
import type { Config, RequestActor } from '../platform/index.js';
import { Passwords } from './passwords.js';
import { SessionsService } from './sessions.service.js';

export type InvitationPurpose = 'invitation' | 'password_reset';

export interface InvitationLink {
  readonly token: string;
  readonly url: string;
  readonly expires_at: Date;
}

const VALID_HOURS: Readonly<Record<InvitationPurpose, number>> = { invitation: 7 * 24, password_reset: 24 };

/** Setting passwords: by invitation, by reset link, by oneself. */
@Injectable()
export class InvitationsService {
  constructor(
    private readonly db: Db,
    private readonly passwords: Passwords,
    private readonly sessions: SessionsService,
    private readonly principals: Principals,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** A new link for a user; earlier ones of the same user end. In the transaction of what asks for it. */
  async issue(
    tx: WriteTx | SystemTx,
    tenantId: string,
    userId: number,
    purpose: InvitationPurpose,
  ): Promise<InvitationLink> {
    await tx.rows('DELETE FROM flotilla.invitations WHERE tenant_id = $1 AND user_id = $2 AND accepted_at IS NULL', [
      tenantId,
      userId,
    ]);
    const token = newBearerToken('fli', tenantId, randomUUID());
    const row = await tx.row<{ expires_at: Date }>(
      `INSERT INTO flotilla.invitations (tenant_id, id, user_id, purpose, token_hash, expires_at)
       VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 hour') RETURNING expires_at`,
      [tenantId, token.id, userId, purpose, token.hash, VALID_HOURS[purpose]],
    );
    const url = `${this.config.publicUrl ?? ''}/api/auth/invitations/${token.text}/accept`;
    return { token: token.text, url, expires_at: row!.expires_at };
  }

  /**
   * Sets the password, once, and logs in.
   *
   * @throws AppError NOT_FOUND for a link that is unknown, used or over; VALIDATION_ERROR for a weak password
   */
  async accept(actor: Actor, text: string, body: AcceptInvitationBody): Promise<Session> {
    const given = parseBearerToken('fli', text);
    const email = given && (await this.holderOf(given.tenantId, given.id, given.hash));
    if (!given || !email) throw unknownInvitation();
    this.passwords.assertGood(body.password, email);
    const passwordHash = await this.passwords.hash(body.password);
    const { tenantId } = given;
    const session = await this.db.write({ ...actor, tenantId, type: 'user', label: email }, async (tx) => {
      const link = await tx.row<{ user_id: number; purpose: InvitationPurpose }>(
        `UPDATE flotilla.invitations SET accepted_at = now()
          WHERE id = $1 AND accepted_at IS NULL AND expires_at > now() RETURNING user_id, purpose`,
        [given.id],
      );
      if (!link) throw unknownInvitation();
      await tx.rows(
        `UPDATE flotilla.users SET password_hash = $2, password_changed_at = now(), status = 'active', last_login_at = now(),
                name = coalesce($3, name), updated_at = now() WHERE id = $1`,
        [link.user_id, passwordHash, body.name ?? null],
      );
      await this.sessions.endAll(tx, tenantId, link.user_id, link.purpose);
      await tx.record(`auth.${link.purpose}_accepted`, { type: 'user', id: link.user_id });
      return this.sessions.begin(tx, { ...actor, tenantId }, link.user_id);
    });
    return session();
  }

  /** Changes the caller's own password and ends their other sessions. */
  async changePassword(actor: RequestActor, body: ChangePasswordBody): Promise<void> {
    if (actor.userId === null) throw new AppError('FORBIDDEN', 'Only a user has a password; this is an API key.');
    const { userId } = actor;
    const stored = await this.db.read(actor, (tx) =>
      tx.row<{ password_hash: string | null }>('SELECT u.password_hash FROM flotilla.users u WHERE u.id = $1', [
        userId,
      ]),
    );
    if (!(await this.passwords.matches(body.current_password, stored?.password_hash ?? null))) {
      throw new AppError('VALIDATION_ERROR', 'current_password is not your password.', { field: 'current_password' });
    }
    this.passwords.assertGood(body.new_password, actor.label, 'new_password');
    const passwordHash = await this.passwords.hash(body.new_password);
    await this.db.write(actor, async (tx) => {
      await tx.rows(
        'UPDATE flotilla.users SET password_hash = $2, password_changed_at = now(), updated_at = now() WHERE id = $1',
        [userId, passwordHash],
      );
      await this.sessions.endAll(tx, actor.tenantId, userId, 'password_changed', actor.sessionId);
      await this.principals.changed(tx, actor.tenantId);
      await tx.record('auth.password_changed', { type: 'user', id: userId });
    });
  }

  private async holderOf(tenantId: string, id: string, hash: Buffer): Promise<string | undefined> {
    const row = await this.db.read({ tenantId }, (tx) =>
      tx.row<{ email: string; token_hash: Buffer }>(
        `SELECT u.email, i.token_hash FROM flotilla.invitations i
           JOIN flotilla.users u ON u.tenant_id = i.tenant_id AND u.id = i.user_id
           JOIN flotilla.tenants t ON t.tenant_id = i.tenant_id
          WHERE i.id = $1 AND i.accepted_at IS NULL AND i.expires_at > now() AND u.status <> 'disabled' AND t.status = 'active'`,
        [id],
      ),
    );
    return row && sameHash(row.token_hash, hash) ? row.email : undefined;
  }
}

function unknownInvitation(): AppError {
  return new AppError('NOT_FOUND', 'This invitation is not valid: unknown, used or over. Ask an admin for a new one.', {
    field: 'token',
  });
}
