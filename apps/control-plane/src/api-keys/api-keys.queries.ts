import { Injectable } from '@nestjs/common';
import type { ApiKey, ApiKeyQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, notFound, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';

export type ApiKeyRow = z.input<typeof ApiKey>;

export const API_KEY_COLUMNS = `k.id, k.name, k.role, k.scopes, 'flt_live_' || k.id || '_…' || k.last4 AS masked_key, k.created_by,
  k.rotated_from, k.expires_at, k.last_used_at, k.revoked_at, k.created_at`;
const SCOPE = 'api-keys:created_at,id';

@Injectable()
export class ApiKeysQueries {
  constructor(private readonly db: Db) {}

  async list(actor: TenantRef, query: ApiKeyQuery): Promise<Page<ApiKeyRow>> {
    const { offset, limit } = pageWindow(query);
    const [at, id] =
      query.cursor === undefined
        ? [null, null]
        : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.string(), z.string()]));
    const filter = [query.revoked ?? null];
    return this.db.read(actor, async (tx) => {
      const counted = await tx.row<{ total: number }>(
        `SELECT count(*) AS total FROM flotilla.api_keys k WHERE ${WHERE}`,
        filter,
      );
      // the cursor carries the moment as text: a Date would lose the microseconds
      const rows = await tx.rows<ApiKeyRow & { place: string }>(
        `SELECT ${API_KEY_COLUMNS}, k.created_at::text AS place FROM flotilla.api_keys k
          WHERE ${WHERE} AND ($2::timestamptz IS NULL OR (k.created_at, k.id) < ($2::timestamptz, $3))
          ORDER BY k.created_at DESC, k.id DESC LIMIT $4 OFFSET $5`,
        [...filter, at, id, limit + 1, offset],
      );
      return pageOf(rows, query, counted!.total, (last) => encodeCursor(actor, SCOPE, [last.place, last.id]));
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(actor: TenantRef, id: string): Promise<ApiKeyRow> {
    const row = await this.db.read(actor, (tx) =>
      tx.row<ApiKeyRow>(`SELECT ${API_KEY_COLUMNS} FROM flotilla.api_keys k WHERE k.id = $1`, [id]),
    );
    if (!row) throw notFound('API key', id);
    return row;
  }
}

const WHERE = '($1::boolean IS NULL OR (k.revoked_at IS NOT NULL) = $1)';
