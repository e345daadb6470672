import { Injectable } from '@nestjs/common';
import type { EnrollmentToken, EnrollmentTokenQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageWindow } from '../../platform/index.js';
import type { Page } from '../../platform/index.js';

type TokenRow = z.input<typeof EnrollmentToken>;

const USABLE = `(t.revoked_at IS NULL AND t.expires_at > now() AND (t.multi_use OR t.uses = 0))`;
const WHERE = `($1::boolean IS NULL OR ${USABLE} = $1)`;
const SCOPE = 'enrollment-tokens:created_at,id';

@Injectable()
export class EnrollmentTokensQueries {
  constructor(private readonly db: Db) {}

  async list(actor: TenantRef, query: EnrollmentTokenQuery): Promise<Page<TokenRow>> {
    const { offset, limit } = pageWindow(query);
    const [at, id] =
      query.cursor === undefined
        ? [null, null]
        : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.string(), z.string()]));
    return this.db.read(actor, async (tx) => {
      const counted = await tx.row<{ total: number }>(
        `SELECT count(*) AS total FROM flotilla.enrollment_tokens t WHERE ${WHERE}`,
        [query.usable ?? null],
      );
      const rows = await tx.rows<TokenRow & { place: string }>(
        `SELECT t.id, t.name, t.multi_use, t.controls, t.uses, t.created_by, t.created_at, t.expires_at, t.last_used_at,
                t.revoked_at, ${USABLE} AS usable, t.created_at::text AS place
           FROM flotilla.enrollment_tokens t
          WHERE ${WHERE} AND ($2::timestamptz IS NULL OR (t.created_at, t.id) < ($2::timestamptz, $3))
          ORDER BY t.created_at DESC, t.id DESC LIMIT $4 OFFSET $5`,
        [query.usable ?? null, at, id, limit + 1, offset],
      );
      return pageOf(rows, query, counted!.total, (last) => encodeCursor(actor, SCOPE, [last.place, last.id]));
    });
  }
}
