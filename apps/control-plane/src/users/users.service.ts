import { Injectable } from '@nestjs/common';
import type { InviteUserBody, Role, UpdateUserBody } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { WriteTx } from '@flotilla/persistence';
import { InvitationsService, SessionsService } from '../auth/index.js';
import type { InvitationLink } from '../auth/index.js';
import { AppError, includesRole, notFound, Principals } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { USER_COLUMNS } from './users.queries.js';
import type { UserRow } from './users.queries.js';

type Invited = { user: UserRow } & InvitationLink;

/** People of a tenant. Nobody gives or takes a role above their own, and one active owner always stays. */
@Injectable()
export class UsersService {
  constructor(
    private readonly db: Db,
    private readonly invitations: InvitationsService,
    private readonly sessions: SessionsService,
    private readonly principals: Principals,
  ) {}

  /** @throws AppError CONFLICT when the e-mail has a user already; FORBIDDEN for a role above one's own */
  async invite(actor: RequestActor, body: InviteUserBody): Promise<Invited> {
    assertMayGive(actor, body.role);
    return this.db.write(actor, async (tx) => {
      const user = await tx.row<UserRow>(
        `INSERT INTO flotilla.users AS u (tenant_id, email, name, role, status) VALUES ($1, $2, $3, $4, 'invited')
         ON CONFLICT (tenant_id, email) DO NOTHING RETURNING ${USER_COLUMNS}`,
        [actor.tenantId, body.email, body.name ?? body.email.split('@')[0], body.role],
      );
      if (!user) {
        throw new AppError('CONFLICT', 'A user with this e-mail exists already. Change that user instead.', {
          field: 'email',
          value: body.email,
        });
      }
      const link = await this.invitations.issue(tx, actor.tenantId, user.id as number, 'invitation');
      await tx.record('user.invited', { type: 'user', id: user.id as number }, { email: body.email, role: body.role });
      return { user, ...link };
    });
  }

  /** @throws AppError NOT_FOUND; FORBIDDEN above one's own role; CONFLICT when no owner would stay */
  async update(actor: RequestActor, id: number, body: UpdateUserBody): Promise<UserRow> {
    return this.db.write(actor, async (tx) => {
      const before = await this.lock(tx, actor, id);
      if (body.role) assertMayGive(actor, body.role);
      if (body.status === 'active' && before.status === 'invited') {
        throw new AppError(
          'CONFLICT',
          'This user has not accepted the invitation yet. Send it again with reset-password.',
          {
            field: 'status',
            value: 'invited',
          },
        );
      }
      const user = await tx.row<UserRow>(
        `UPDATE flotilla.users u SET name = coalesce($2, u.name), role = coalesce($3, u.role), status = coalesce($4, u.status),
                updated_at = now() WHERE u.id = $1 RETURNING ${USER_COLUMNS}`,
        [id, body.name ?? null, body.role ?? null, body.status ?? null],
      );
      await assertOwnerStays(tx);
      if (body.status === 'disabled') await this.sessions.endAll(tx, actor.tenantId, id, 'disabled');
      await this.principals.changed(tx, actor.tenantId);
      await tx.record('user.updated', { type: 'user', id }, { before: pick(before, body), after: body });
      return user!;
    });
  }

  /** @throws AppError NOT_FOUND; FORBIDDEN above one's own role; CONFLICT when no owner would stay */
  async remove(actor: RequestActor, id: number): Promise<void> {
    if (actor.userId === id)
      throw new AppError('CONFLICT', 'You cannot delete yourself. Another admin can.', { field: 'id', value: id });
    await this.db.write(actor, async (tx) => {
      const { email, role } = await this.lock(tx, actor, id);
      await tx.rows('DELETE FROM flotilla.users WHERE id = $1', [id]);
      await assertOwnerStays(tx);
      await this.principals.changed(tx, actor.tenantId);
      await tx.record('user.deleted', { type: 'user', id }, { email, role });
    });
  }

  /** A link that sets a new password; the old one works until it is used. Invites again who never accepted. */
  async resetPassword(actor: RequestActor, id: number): Promise<Invited> {
    return this.db.write(actor, async (tx) => {
      const user = await this.lock(tx, actor, id);
      if (user.status === 'disabled') {
        throw new AppError('CONFLICT', 'This user is disabled. Activate them first.', {
          field: 'status',
          value: 'disabled',
        });
      }
      const purpose = user.status === 'invited' ? 'invitation' : 'password_reset';
      const link = await this.invitations.issue(tx, actor.tenantId, id, purpose);
      await tx.record(`user.${purpose}_issued`, { type: 'user', id });
      return { user, ...link };
    });
  }

  private async lock(tx: WriteTx, actor: RequestActor, id: number): Promise<UserRow> {
    const user = await tx.row<UserRow>(`SELECT ${USER_COLUMNS} FROM flotilla.users u WHERE u.id = $1 FOR UPDATE`, [id]);
    if (!user) throw notFound('user', id);
    assertMayGive(actor, user.role);
    return user;
  }
}

function assertMayGive(actor: RequestActor, role: Role): void {
  if (includesRole(actor.role, role)) return;
  throw new AppError(
    'FORBIDDEN',
    `Only the role ${role} may manage users with the role ${role}; yours is ${actor.role}.`,
    {
      field: 'role',
      value: actor.role,
      expected: role,
    },
  );
}

/** Locks the owners, so that two of them cannot take the role from each other at the same moment. */
async function assertOwnerStays(tx: WriteTx): Promise<void> {
  const owners = await tx.rows(
    `SELECT u.id FROM flotilla.users u WHERE u.role = 'owner' AND u.status = 'active' ORDER BY u.id FOR UPDATE`,
  );
  if (owners.length === 0) {
    throw new AppError('CONFLICT', 'The tenant would have no active owner. Make somebody else owner first.', {
      field: 'role',
    });
  }
}

function pick(user: UserRow, body: UpdateUserBody): Record<string, unknown> {
  return Object.fromEntries(Object.keys(body).map((name) => [name, (user as never)[name]]));
}
