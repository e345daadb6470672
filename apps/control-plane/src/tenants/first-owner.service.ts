import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { Passwords } from '../auth/index.js';

export interface FirstOwner {
  readonly tenantId: string;
  readonly email: string;
  /** true at the first start, when tenant and owner were made. */
  readonly created: boolean;
  /** The password that was made up, known this once; null when it was given or made at an earlier start. */
  readonly generatedPassword: string | null;
  /** false: nobody has used this account yet. */
  readonly hasLoggedIn: boolean;
}

const DEFAULT_EMAIL = 'owner@flotilla.local';

/** Gives a new installation its first tenant and the owner who operates the platform. */
@Injectable()
export class FirstOwnerService {
  constructor(
    private readonly db: Db,
    private readonly passwords: Passwords,
  ) {}

  /**
   * Safe to call at every boot and by several replicas at once: only one of them makes the owner.
   *
   * @param given e-mail and password of the owner; what is missing is made up. Changes nothing where users exist
   * @param keep is told a made-up password before the owner exists, so that it cannot get lost
   * @throws AppError VALIDATION_ERROR for a password that is too weak
   */
  async ensureFirstOwner(
    given: { readonly email?: string | null; readonly password?: string | null } = {},
    keep: (email: string, password: string) => void = () => undefined,
  ): Promise<FirstOwner> {
    const email = (given.email ?? DEFAULT_EMAIL).trim().toLowerCase();
    const known = await this.existing();
    if (known) return known;
    if (given.password) this.passwords.assertGood(given.password, email);
    const password = given.password ?? randomBytes(15).toString('base64url');
    const passwordHash = await this.passwords.hash(password);
    const made = await this.db.system(async (tx) => {
      await tx.rows('LOCK TABLE flotilla.tenants IN SHARE ROW EXCLUSIVE MODE');
      if (await tx.row(OPERATOR)) return undefined;
      const tenant = await tx.row<{ tenant_id: string }>(
        `INSERT INTO flotilla.tenants (name) VALUES ('Default') RETURNING tenant_id`,
      );
      const user = await tx.row<{ id: number }>(
        `INSERT INTO flotilla.users (tenant_id, email, name, role, platform_operator, status, password_hash, password_changed_at)
         VALUES ($1, $2, $3, 'owner', true, 'active', $4, now()) RETURNING id`,
        [tenant!.tenant_id, email, email.split('@')[0], passwordHash],
      );
      if (!given.password) keep(email, password);
      await tx.record(
        tenant!.tenant_id,
        'installation',
        'user.first_owner_created',
        { type: 'user', id: user!.id },
        { email },
      );
      return tenant!.tenant_id;
    });
    if (!made) return (await this.existing())!;
    return {
      tenantId: made,
      email,
      created: true,
      generatedPassword: given.password ? null : password,
      hasLoggedIn: false,
    };
  }

  private async existing(): Promise<FirstOwner | undefined> {
    const row = await this.db.system((tx) =>
      tx.row<{ tenant_id: string; email: string; has_logged_in: boolean }>(OPERATOR),
    );
    return (
      row && {
        tenantId: row.tenant_id,
        email: row.email,
        created: false,
        generatedPassword: null,
        hasLoggedIn: row.has_logged_in,
      }
    );
  }
}

const OPERATOR = `
  SELECT u.tenant_id, u.email, u.last_login_at IS NOT NULL AS has_logged_in FROM flotilla.users u JOIN flotilla.tenants t ON t.tenant_id = u.tenant_id
   WHERE u.platform_operator ORDER BY u.created_at, u.id LIMIT 1`;
