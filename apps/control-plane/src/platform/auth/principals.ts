import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import type { Role, Scope } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { SystemTx, WriteTx } from '@flotilla/persistence';
import type { AccessClaims } from './access-tokens.js';
import { CallerCache } from './caller-cache.js';

/** What is known of a caller besides the request. */
export interface UserPrincipal {
  readonly tenantId: string;
  readonly email: string;
  readonly role: Role;
  readonly platformOperator: boolean;
  readonly rateLimitPerMinute: number;
  readonly usable: boolean;
}

export interface KeyPrincipal {
  readonly tenantId: string;
  readonly name: string;
  readonly role: Role | null;
  readonly scopes: readonly Scope[];
  readonly secretHash: Buffer;
  readonly rateLimitPerMinute: number;
  readonly expiresAt: Date | null;
  readonly usable: boolean;
}

/** NOTIFY with a tenant's id: users, keys, sessions or the tenant itself changed. */
export const PRINCIPALS_CHANNEL = 'flotilla_principals';
/** Looks callers up, and remembers them for some seconds. */
@Injectable()
export class Principals implements OnModuleInit {
  private readonly users = new CallerCache<UserPrincipal>();
  private readonly keys = new CallerCache<KeyPrincipal>();
  private readonly caches: Pick<CallerCache<UserPrincipal>, 'forget' | 'clear'>[] = [this.users, this.keys];

  constructor(private readonly db: Db) {}

  async onModuleInit(): Promise<void> {
    await this.db.listen(PRINCIPALS_CHANNEL, (tenantId) => this.forget(tenantId));
    this.db.onNotificationsLost(() => this.forgetAll());
  }

  async user({ tenantId, userId, sessionId }: AccessClaims): Promise<UserPrincipal | undefined> {
    const id = `${tenantId} ${userId} ${sessionId}`;
    const cached = this.users.get(id);
    if (cached) return cached;
    const row = await this.db.read({ tenantId }, (tx) =>
      tx.row<UserRow>(
        `SELECT u.email, u.role, u.platform_operator, t.rate_limit_per_minute,
                u.status = 'active' AND t.status = 'active' AND s.revoked_at IS NULL AND s.expires_at > now() AS usable
           FROM flotilla.login_sessions s
           JOIN flotilla.users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
           JOIN flotilla.tenants t ON t.tenant_id = s.tenant_id
          WHERE s.id = $1 AND s.user_id = $2`,
        [sessionId, userId],
      ),
    );
    return row && this.users.set(id, toUser(tenantId, row));
  }

  async key(id: string): Promise<KeyPrincipal | undefined> {
    const cached = this.keys.get(id);
    if (cached) return cached;
    const row = await this.db.read({ tenantId: '' }, (tx) =>
      tx.row<KeyRow>('SELECT * FROM flotilla.find_api_key($1)', [id]),
    );
    return row && this.keys.set(id, toKey(row));
  }

  /** Call in the transaction that changes a user, key, session or tenant: every replica forgets what it knew. */
  async changed(tx: WriteTx | SystemTx, tenantId: string): Promise<void> {
    await tx.notify(PRINCIPALS_CHANNEL, tenantId);
    tx.afterCommit(() => this.forget(tenantId));
  }

  /** Another cache that ends together with these. */
  alsoForget(cache: Pick<CallerCache<UserPrincipal>, 'forget' | 'clear'>): void {
    this.caches.push(cache);
  }

  private forget(tenantId: string): void {
    for (const cache of this.caches) cache.forget(tenantId);
  }

  private forgetAll(): void {
    for (const cache of this.caches) cache.clear();
  }
}

interface UserRow {
  readonly email: string;
  readonly role: Role;
  readonly platform_operator: boolean;
  readonly rate_limit_per_minute: number;
  readonly usable: boolean;
}

interface KeyRow {
  readonly tenant_id: string;
  readonly tenant_status: string;
  readonly rate_limit_per_minute: number;
  readonly name: string;
  readonly role: Role | null;
  readonly scopes: Scope[];
  readonly secret_hash: Buffer;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
}

function toUser(tenantId: string, row: UserRow): UserPrincipal {
  const { email, role, usable } = row;
  return {
    tenantId,
    email,
    role,
    usable,
    platformOperator: row.platform_operator,
    rateLimitPerMinute: row.rate_limit_per_minute,
  };
}

function toKey(row: KeyRow): KeyPrincipal {
  return {
    tenantId: row.tenant_id,
    name: row.name,
    role: row.role,
    scopes: row.scopes,
    secretHash: row.secret_hash,
    rateLimitPerMinute: row.rate_limit_per_minute,
    expiresAt: row.expires_at,
    usable: row.tenant_status === 'active' && row.revoked_at === null,
  };
}
