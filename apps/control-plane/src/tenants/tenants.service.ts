import { Injectable } from '@nestjs/common';
import type { AdministerTenantBody, CreateTenantBody, UpdateTenantBody } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import { InvitationsService } from '../auth/index.js';
import type { InvitationLink } from '../auth/index.js';
import { AppError, IssuerKeys, KeysUnavailableError, notFound, Principals } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { TenantOidcStore } from './tenant-oidc.store.js';
import { TENANT_COLUMNS } from './tenants.queries.js';
import type { TenantRow } from './tenants.queries.js';

@Injectable()
export class TenantsService {
  constructor(
    private readonly db: Db,
    private readonly invitations: InvitationsService,
    private readonly principals: Principals,
    private readonly oidc: TenantOidcStore,
    private readonly keys: IssuerKeys,
  ) {}

  /** Changes the caller's own tenant. @throws AppError VALIDATION_ERROR when an issuer's keys cannot be had */
  async updateOwn(actor: RequestActor, body: UpdateTenantBody): Promise<TenantRow> {
    const { oidc, ...settings } = body;
    if (oidc) await this.assertKeys(oidc.jwks_url);
    return this.db.write(actor, async (tx) => {
      const names = Object.keys(settings); // keys of a strict schema: column names, never the caller's own text
      const sets = names.map((name, i) => `${name} = $${i + 1}, `).join('');
      const before = await tx.row<TenantRow>(`SELECT ${TENANT_COLUMNS} FROM flotilla.tenants t FOR UPDATE OF t`);
      if (oidc !== undefined) await this.oidc.replace(tx, actor.tenantId, oidc);
      const after = await tx.row<TenantRow>(
        `UPDATE flotilla.tenants t SET ${sets} updated_at = now() RETURNING ${TENANT_COLUMNS}`,
        Object.values(settings),
      );
      if (!before || !after) throw notFound('tenant', actor.tenantId);
      await this.principals.changed(tx, actor.tenantId);
      const was = Object.fromEntries(Object.keys(body).map((name) => [name, before[name as keyof TenantRow]]));
      await tx.record('tenant.updated', { type: 'tenant', id: actor.tenantId }, { before: was, after: body });
      return after;
    });
  }

  /** Before it is saved: afterwards nobody would learn why no token is accepted. */
  private async assertKeys(url: string): Promise<void> {
    try {
      await this.keys.check(url);
    } catch (error) {
      if (!(error instanceof KeysUnavailableError)) throw error;
      throw new AppError('VALIDATION_ERROR', `oidc.jwks_url: ${error.message}`, {
        field: 'oidc.jwks_url',
        value: url,
        expected: 'the address of a JWKS with a key for RS256, ES256 or EdDSA',
      });
    }
  }

  /** A tenant with the invitation of its first owner. */
  async create(actor: RequestActor, body: CreateTenantBody): Promise<{ tenant: TenantRow } & InvitationLink> {
    return this.db.system(async (tx) => {
      const tenant = (await tx.row<TenantRow>(
        `INSERT INTO flotilla.tenants AS t (name) VALUES ($1) RETURNING ${TENANT_COLUMNS}`,
        [body.name],
      ))!;
      const owner = await tx.row<{ id: number }>(
        `INSERT INTO flotilla.users (tenant_id, email, name, role, status) VALUES ($1, $2, $3, 'owner', 'invited') RETURNING id`,
        [tenant.id, body.owner_email, body.owner_name ?? body.owner_email.split('@')[0]],
      );
      const link = await this.invitations.issue(tx, tenant.id, owner!.id, 'invitation');
      const details = { name: body.name, owner_email: body.owner_email, by: actor.label };
      await tx.record(tenant.id, actor.label, 'tenant.created', { type: 'tenant', id: tenant.id }, details);
      await tx.record(actor.tenantId, actor.label, 'tenant.created', { type: 'tenant', id: tenant.id }, details);
      return { tenant, ...link };
    });
  }

  /** @throws AppError NOT_FOUND; CONFLICT for suspending one's own tenant */
  async administer(actor: RequestActor, id: string, body: AdministerTenantBody): Promise<TenantRow> {
    if (body.status === 'suspended' && id === actor.tenantId) {
      throw new AppError('CONFLICT', 'This is your own tenant: suspended, nobody could lift it again.', {
        field: 'status',
        value: 'suspended',
      });
    }
    return this.db.system(async (tx) => {
      const tenant = await tx.row<TenantRow>(
        `UPDATE flotilla.tenants t SET name = coalesce($2, t.name), status = coalesce($3, t.status), updated_at = now()
          WHERE t.tenant_id = $1 RETURNING ${TENANT_COLUMNS}`,
        [id, body.name ?? null, body.status ?? null],
      );
      if (!tenant) throw notFound('tenant', id);
      await this.principals.changed(tx, id);
      for (const tenantId of new Set([id, actor.tenantId])) {
        await tx.record(
          tenantId,
          actor.label,
          'tenant.administered',
          { type: 'tenant', id },
          { ...body, by: actor.label },
        );
      }
      return tenant;
    });
  }
}
