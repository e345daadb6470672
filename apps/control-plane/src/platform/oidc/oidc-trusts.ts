import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import type { Role } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import { CallerCache } from '../auth/caller-cache.js';
import { Principals } from '../auth/principals.js';

/** That a tenant accepts the tokens of an issuer, and how they become users. */
export interface OidcTrust {
  readonly tenantId: string;
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly audience: string;
  readonly defaultRole: Role;
  readonly createUsers: boolean;
  readonly emailClaim: string;
  readonly nameClaim: string;
  readonly trustEmail: boolean;
}

interface TrustRow {
  readonly tenant_id: string;
  readonly issuer: string;
  readonly jwks_url: string;
  readonly audience: string;
  readonly default_role: Role;
  readonly create_users: boolean;
  readonly email_claim: string;
  readonly name_claim: string;
  readonly trust_email: boolean;
}

/** Which tenants accept an issuer. */
@Injectable()
export class OidcTrusts implements OnModuleInit {
  // by issuer and not by tenant: a change in one tenant ends all entries
  private readonly cache = new CallerCache<{ tenantId: string; trusts: readonly OidcTrust[] }>();

  constructor(
    private readonly db: Db,
    private readonly principals: Principals,
  ) {}

  onModuleInit(): void {
    const clear = () => this.cache.clear();
    this.principals.alsoForget({ forget: clear, clear });
  }

  async ofIssuer(issuer: string): Promise<readonly OidcTrust[]> {
    const cached = this.cache.get(issuer);
    if (cached) return cached.trusts;
    const rows = await this.db.read({ tenantId: '' }, (tx) =>
      tx.rows<TrustRow>('SELECT * FROM flotilla.find_oidc($1)', [issuer]),
    );
    return this.cache.set(issuer, { tenantId: '', trusts: rows.map(toTrust) }).trusts;
  }
}

function toTrust(row: TrustRow): OidcTrust {
  return {
    tenantId: row.tenant_id,
    issuer: row.issuer,
    jwksUrl: row.jwks_url,
    audience: row.audience,
    defaultRole: row.default_role,
    createUsers: row.create_users,
    emailClaim: row.email_claim,
    nameClaim: row.name_claim,
    trustEmail: row.trust_email,
  };
}
