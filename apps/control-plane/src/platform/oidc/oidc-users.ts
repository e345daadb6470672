import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import type { Role } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { Actor, WriteTx } from '@flotilla/persistence';
import { CallerCache } from '../auth/caller-cache.js';
import { Principals } from '../auth/principals.js';
import { AppError } from '../errors/app-error.js';
import type { OidcTrust } from './oidc-trusts.js';

/** The claims that say who it is; `sub` was checked, the rest is what the issuer wrote. */
export type Person = Readonly<Record<string, unknown>> & { readonly sub: string };

export interface OidcUser {
  readonly tenantId: string;
  readonly userId: number;
  readonly email: string;
  readonly role: Role;
  readonly rateLimitPerMinute: number;
}

interface UserRow {
  readonly id: number;
  readonly email: string;
  readonly role: Role;
  readonly status: string;
  readonly rate_limit_per_minute: number;
  readonly is_login: boolean;
}

type Outcome = { readonly tenantId: string } & ({ readonly user: OidcUser } | { readonly refusal: string });

/** Tokens come again every minute; a person who was not seen for this long logged in. */
const NEW_LOGIN_AFTER = '1 hour';

/** The users behind the subjects of outside issuers. */
@Injectable()
export class OidcUsers implements OnModuleInit {
  private readonly cache = new CallerCache<Outcome>();

  constructor(
    private readonly db: Db,
    private readonly principals: Principals,
  ) {}

  onModuleInit(): void {
    this.principals.alsoForget(this.cache);
  }

  /**
   * The user of a verified token. At first sight the verified e-mail finds the user, or the tenant lets one be made.
   * Refusals are recorded, and remembered for some seconds like users.
   *
   * @throws AppError AUTH_ERROR
   */
  async of(trust: OidcTrust, person: Person, common: Pick<Actor, 'address' | 'requestId'>): Promise<OidcUser> {
    const id = JSON.stringify([trust.tenantId, trust.issuer, person.sub]);
    const outcome = this.cache.get(id) ?? this.cache.set(id, await this.look(trust, person, common));
    if ('user' in outcome) return outcome.user;
    throw new AppError('AUTH_ERROR', outcome.refusal);
  }

  private async look(trust: OidcTrust, person: Person, common: Pick<Actor, 'address' | 'requestId'>): Promise<Outcome> {
    const { tenantId, issuer } = trust;
    const email = emailOf(trust, person);
    const actor: Actor = { ...common, tenantId, type: 'anonymous', id: null, label: email ?? person.sub };
    const facts = { issuer, subject: person.sub };
    const known = await this.db.read(trust, (tx) => tx.row<UserRow>(KNOWN, [issuer, person.sub]));
    if (known?.status === 'active') {
      if (known.is_login) await this.recordLogin(actor, known, facts);
      return { tenantId, user: toUser(tenantId, known) };
    }
    const outcome = known ? DISABLED : await this.enter(trust, person, email, actor);
    if (typeof outcome !== 'string') return { tenantId, user: toUser(tenantId, outcome) };
    const subject = known ? { type: 'user', id: known.id } : null;
    await this.db.write(actor, (tx) => tx.record('auth.login_refused', subject, { ...facts, reason: outcome }));
    return { tenantId, refusal: outcome };
  }

  /** @returns the user, or why there is none */
  private async enter(
    trust: OidcTrust,
    person: Person,
    email: string | undefined,
    actor: Actor,
  ): Promise<UserRow | string> {
    if (email === undefined) return UNVERIFIED;
    return this.db.write(actor, async (tx) => {
      const created = trust.createUsers && (await create(tx, trust, email, nameOf(trust, person, email)));
      const user = await tx.row<UserRow>(`${USER} WHERE u.email = $1 FOR UPDATE OF u`, [email]);
      const refusal = !user ? NOT_A_USER : user.status === 'disabled' ? DISABLED : undefined;
      if (refusal !== undefined || !user) {
        tx.withoutAudit('changes nothing; the refusal is recorded by itself');
        return refusal ?? NOT_A_USER;
      }
      const linked = await tx.rows(
        `INSERT INTO flotilla.user_identities (tenant_id, issuer, subject, user_id) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING RETURNING user_id`,
        [trust.tenantId, trust.issuer, person.sub, user.id],
      );
      await tx.rows(`UPDATE flotilla.users SET status = 'active', last_login_at = now() WHERE id = $1`, [user.id]);
      const subject = { type: 'user', id: user.id };
      const facts = { issuer: trust.issuer, subject: person.sub };
      if (created) await tx.record('user.created', subject, { ...facts, email, role: trust.defaultRole });
      // of requests that came together the first one links
      if (linked.length > 0) await tx.record('auth.identity_linked', subject, { ...facts, was: user.status });
      else tx.withoutAudit('linked by a request beside this one');
      return user;
    });
  }

  private async recordLogin(actor: Actor, user: UserRow, facts: { issuer: string; subject: string }): Promise<void> {
    await this.db.write({ ...actor, type: 'user', id: String(user.id), label: user.email }, async (tx) => {
      const renewed = await tx.rows(
        `UPDATE flotilla.user_identities SET seen_at = now()
          WHERE issuer = $1 AND subject = $2 AND seen_at < now() - $3::interval RETURNING user_id`,
        [facts.issuer, facts.subject, NEW_LOGIN_AFTER],
      );
      if (renewed.length === 0) return tx.withoutAudit('recorded by a request beside this one');
      await tx.rows('UPDATE flotilla.users SET last_login_at = now() WHERE id = $1', [user.id]);
      await tx.record('auth.login', { type: 'user', id: user.id }, facts);
    });
  }
}

const DISABLED = 'This user is disabled in the tenant. An admin can activate them at PATCH /api/users/:id.';
const NOT_A_USER =
  'Nobody in the tenant has the e-mail of this token. An admin can invite them, or the owner can let users be made (oidc.create_users).';
const UNVERIFIED =
  'The token carries no verified e-mail. It needs the claim that oidc.email_claim names and email_verified: true (or oidc.trust_email).';

const USER = `SELECT u.id, u.email, u.role, u.status, t.rate_limit_per_minute, false AS is_login
  FROM flotilla.users u JOIN flotilla.tenants t ON t.tenant_id = u.tenant_id`;
const KNOWN = `SELECT u.id, u.email, u.role, u.status, t.rate_limit_per_minute,
       i.seen_at < now() - interval '${NEW_LOGIN_AFTER}' AS is_login
  FROM flotilla.user_identities i
  JOIN flotilla.users u ON u.tenant_id = i.tenant_id AND u.id = i.user_id
  JOIN flotilla.tenants t ON t.tenant_id = i.tenant_id
 WHERE i.issuer = $1 AND i.subject = $2`;

async function create(tx: WriteTx, trust: OidcTrust, email: string, name: string): Promise<boolean> {
  const made = await tx.rows(
    `INSERT INTO flotilla.users (tenant_id, email, name, role, status) VALUES ($1, $2, $3, $4, 'active')
     ON CONFLICT (tenant_id, email) DO NOTHING RETURNING id`,
    [trust.tenantId, email, name, trust.defaultRole],
  );
  return made.length > 0;
}

function toUser(tenantId: string, row: UserRow): OidcUser {
  const { id, email, role } = row;
  return { tenantId, userId: id, email, role, rateLimitPerMinute: row.rate_limit_per_minute };
}

/** In lower case; undefined where the issuer does not vouch for it. */
function emailOf({ emailClaim, trustEmail }: OidcTrust, person: Person): string | undefined {
  const email = person[emailClaim];
  // some issuers write booleans as text
  const verified = String(person['email_verified'] ?? trustEmail) === 'true';
  if (!verified || typeof email !== 'string' || !/^[^\s@]{1,64}@[^\s@]{1,190}$/.test(email)) return undefined;
  return email.toLowerCase();
}

function nameOf({ nameClaim }: OidcTrust, person: Person, email: string): string {
  const name = person[nameClaim];
  // what would break a line of a list or a log becomes a blank
  const clean =
    typeof name === 'string'
      ? name
          .replace(/\p{Cc}/gu, ' ')
          .trim()
          .slice(0, 200)
      : '';
  return clean || email.split('@')[0]!;
}
