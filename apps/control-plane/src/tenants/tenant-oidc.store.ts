import { Injectable } from '@nestjs/common';
import type { TenantOidcBody } from '@flotilla/contracts';
import type { WriteTx } from '@flotilla/persistence';

/** The outside issuer of a tenant. */
@Injectable()
export class TenantOidcStore {
  /**
   * Links of people to users end when issuer or keys change: what another key holder vouched for under the same name
   * must not live on. Verified e-mails link them again.
   *
   * @param oidc null: no outside issuer from now on
   */
  async replace(tx: WriteTx, tenantId: string, oidc: TenantOidcBody | null): Promise<void> {
    const kept = await tx.row<{ issuer: string; jwks_url: string }>(
      'SELECT o.issuer, o.jwks_url FROM flotilla.tenant_oidc o FOR UPDATE',
    );
    if (kept?.issuer !== oidc?.issuer || kept?.jwks_url !== oidc?.jwks_url) {
      await tx.rows('DELETE FROM flotilla.user_identities WHERE tenant_id = $1', [tenantId]);
    }
    await tx.rows('DELETE FROM flotilla.tenant_oidc WHERE tenant_id = $1', [tenantId]);
    if (!oidc) return;
    await tx.rows(
      `INSERT INTO flotilla.tenant_oidc (tenant_id, issuer, jwks_url, audience, default_role, create_users, email_claim, name_claim, trust_email)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        tenantId,
        oidc.issuer,
        oidc.jwks_url,
        oidc.audience,
        oidc.default_role,
        oidc.create_users,
        oidc.email_claim,
        oidc.name_claim,
        oidc.trust_email,
      ],
    );
  }
}
