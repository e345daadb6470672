import { Injectable } from '@nestjs/common';
import type { Role, User, UserQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, notFound, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';

export interface UserRow extends Omit<z.input<typeof User>, 'role'> {
  readonly role: Role;
}

export const USER_COLUMNS =
  'u.id, u.email, u.name, u.role, u.platform_operator, u.status, u.last_login_at, u.created_at, u.updated_at';
const SCOPE = 'users:id';

@Injectable()
export class UsersQueries {
  constructor(private readonly db: Db) {}

  async list(actor: TenantRef, query: UserQuery): Promise<Page<UserRow>> {
    const { offset, limit } = pageWindow(query);
    const after = query.cursor === undefined ? 0 : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.int()]))[0];
    const filter = [query.status ?? null, query.role ?? null, query.search ?? null];
    return this.db.read(actor, async (tx) => {
      const counted = await tx.row<{ total: number }>(
        `SELECT count(*) AS total FROM flotilla.users u WHERE ${WHERE}`,
        filter,
      );
      const rows = await tx.rows<UserRow>(
        `SELECT ${USER_COLUMNS} FROM flotilla.users u WHERE ${WHERE} AND u.id > $4 ORDER BY u.id LIMIT $5 OFFSET $6`,
        [...filter, after, limit + 1, offset],
      );
      return pageOf(rows, query, counted!.total, (last) => encodeCursor(actor, SCOPE, [last.id as number]));
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(actor: TenantRef, id: number): Promise<UserRow> {
    const row = await this.db.read(actor, (tx) =>
      tx.row<UserRow>(`SELECT ${USER_COLUMNS} FROM flotilla.users u WHERE u.id = $1`, [id]),
    );
    if (!row) throw notFound('user', id);
    return row;
  }
}

const WHERE = `($1::text IS NULL OR u.status = $1) AND ($2::text IS NULL OR u.role = $2)
  AND ($3::text IS NULL OR strpos(u.email, lower($3)) > 0 OR strpos(lower(u.name), lower($3)) > 0)`;
