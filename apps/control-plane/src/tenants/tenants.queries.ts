import { Injectable } from '@nestjs/common';
import type { Tenant, TenantQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, notFound, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';

export type TenantRow = z.input<typeof Tenant>;

export const TENANT_COLUMNS = `t.tenant_id AS id, t.name, t.status, t.listed, t.currency, t.timezone, t.locale, t.rate_limit_per_minute,
  t.idle_below_percent, t.idle_for_minutes, t.require_approval, t.require_second_person, t.raw_retention_days,
  t.packed_retention_months, t.ai_usage_retention_days,
  (SELECT jsonb_build_object('issuer', o.issuer, 'jwks_url', o.jwks_url, 'audience', o.audience, 'default_role', o.default_role,
          'create_users', o.create_users, 'email_claim', o.email_claim, 'name_claim', o.name_claim, 'trust_email', o.trust_email)
     FROM flotilla.tenant_oidc o WHERE o.tenant_id = t.tenant_id) AS oidc, t.simulated, t.created_at, t.updated_at`;
const SCOPE = 'tenants:name,id';

@Injectable()
export class TenantsQueries {
  constructor(private readonly db: Db) {}

  /** The caller's own tenant. */
  async own(actor: TenantRef): Promise<TenantRow> {
    const row = await this.db.read(actor, (tx) =>
      tx.row<TenantRow>(`SELECT ${TENANT_COLUMNS} FROM flotilla.tenants t`),
    );
    if (!row) throw notFound('tenant', actor.tenantId);
    return row;
  }

  /** All tenants of the installation; for platform operators. */
  async list(actor: TenantRef, query: TenantQuery): Promise<Page<TenantRow>> {
    const { offset, limit } = pageWindow(query);
    const [name, id] =
      query.cursor === undefined
        ? [null, null]
        : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.string(), z.uuid()]));
    const filter = [query.status ?? null];
    return this.db.system(async (tx) => {
      const counted = await tx.row<{ total: number }>(
        `SELECT count(*) AS total FROM flotilla.tenants t WHERE ${WHERE}`,
        filter,
      );
      const rows = await tx.rows<TenantRow>(
        `SELECT ${TENANT_COLUMNS} FROM flotilla.tenants t
          WHERE ${WHERE} AND ($2::text IS NULL OR (t.name, t.tenant_id) > ($2, $3::uuid))
          ORDER BY t.name, t.tenant_id LIMIT $4 OFFSET $5`,
        [...filter, name, id, limit + 1, offset],
      );
      return pageOf(rows, query, counted!.total, (last) => encodeCursor(actor, SCOPE, [last.name, last.id]));
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(id: string): Promise<TenantRow> {
    const row = await this.db.system((tx) =>
      tx.row<TenantRow>(`SELECT ${TENANT_COLUMNS} FROM flotilla.tenants t WHERE t.tenant_id = $1`, [id]),
    );
    if (!row) throw notFound('tenant', id);
    return row;
  }
}

const WHERE = '($1::text IS NULL OR t.status = $1)';
