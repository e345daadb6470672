import { Injectable } from '@nestjs/common';
import type { AuditEvent, AuditQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';

type AuditRow = z.input<typeof AuditEvent>;
const SCOPE = 'audit:-id';

@Injectable()
export class AuditQueries {
  constructor(private readonly db: Db) {}

  /** Newest first. The total is not counted: an audit grows without end. */
  async list(actor: TenantRef, query: AuditQuery): Promise<Page<AuditRow>> {
    const { offset, limit } = pageWindow(query);
    const before = query.cursor === undefined ? null : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.int()]))[0];
    const rows = await this.db.read(actor, (tx) =>
      tx.rows<AuditRow>(SELECT, [
        query.event_type ?? null,
        query.actor ?? null,
        query.subject_type ?? null,
        query.subject_id ?? null,
        query.since ?? null,
        query.until ?? null,
        before,
        limit + 1,
        offset,
      ]),
    );
    return pageOf(rows, query, null, (last) => encodeCursor(actor, SCOPE, [last.id]));
  }
}

/** `$1` to `$6`: type, actor, kind of subject, subject, since, until. */
export const AUDIT_FILTER = `
   WHERE ($1::text IS NULL OR a.event_type = $1 OR starts_with(a.event_type, $1 || '.'))
     AND ($2::text IS NULL OR a.actor_id = $2 OR a.actor_label = $2)
     AND ($3::text IS NULL OR a.subject_type = $3)
     AND ($4::text IS NULL OR a.subject_id = $4)
     AND ($5::timestamptz IS NULL OR a.at >= $5::timestamptz)
     AND ($6::timestamptz IS NULL OR a.at < $6::timestamptz)`;

const SELECT = `
  SELECT a.id, a.at, a.event_type, a.request_id, host(a.address) AS address, a.details,
         jsonb_build_object('type', a.actor_type, 'id', a.actor_id, 'label', a.actor_label) AS actor,
         CASE WHEN a.subject_type IS NOT NULL THEN jsonb_build_object('type', a.subject_type, 'id', a.subject_id) END AS subject
    FROM flotilla.audit_log a
  ${AUDIT_FILTER}
     AND ($7::bigint IS NULL OR a.id < $7)
   ORDER BY a.id DESC LIMIT $8 OFFSET $9`;
