import { Injectable } from '@nestjs/common';
import type { LoginBody, Session } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { Actor } from '@flotilla/persistence';
import { AppError, Log } from '../platform/index.js';
import { Passwords } from './passwords.js';
import { SessionsService } from './sessions.service.js';

interface Candidate {
  readonly tenant_id: string;
  readonly tenant_name: string;
  readonly tenant_status: string;
  readonly user_id: number;
  readonly status: string;
  readonly password_hash: string | null;
}

/** One e-mail in more tenants than this can log in only with tenant_id: each one costs a hash. */
const MOST_CANDIDATES = 5;

/** Logging in. */
@Injectable()
export class LoginService {
  private readonly log: Log;

  constructor(
    private readonly db: Db,
    private readonly passwords: Passwords,
    private readonly sessions: SessionsService,
    log: Log,
  ) {
    this.log = log.child('auth');
  }

  /**
   * A wrong password, an unknown user and a disabled user are the same answer after the same time.
   *
   * @throws AppError AUTH_ERROR; CONFLICT with the tenants when the password is right in several
   */
  async login(actor: Actor, body: LoginBody): Promise<Session> {
    const found = await this.db.read({ tenantId: '' }, (tx) =>
      tx.rows<Candidate>('SELECT * FROM flotilla.find_users_by_email($1)', [body.email]),
    );
    const candidates = found.filter((one) => body.tenant_id === undefined || one.tenant_id === body.tenant_id);
    const right = await this.rightOnes(body.password, candidates.slice(0, MOST_CANDIDATES));
    if (right.length === 0) {
      this.recordRefused(actor, body.email, candidates);
      throw new AppError('AUTH_ERROR', 'The e-mail or the password is wrong.');
    }
    if (right.length > 1) {
      throw new AppError('CONFLICT', 'This e-mail exists in several tenants. Repeat with the tenant_id of one.', {
        field: 'tenant_id',
        tenants: right.map((one) => ({ id: one.tenant_id, name: one.tenant_name })),
      });
    }
    return this.enter(actor, right[0]!, body);
  }

  private async rightOnes(password: string, candidates: readonly Candidate[]): Promise<Candidate[]> {
    if (candidates.length === 0) await this.passwords.matches(password, null);
    const matched = await Promise.all(candidates.map((one) => this.passwords.matches(password, one.password_hash)));
    return candidates.filter((one, i) => matched[i] && one.status === 'active' && one.tenant_status === 'active');
  }

  private async enter(actor: Actor, user: Candidate, body: LoginBody): Promise<Session> {
    const rehashed = this.passwords.isOutdated(user.password_hash!) ? await this.passwords.hash(body.password) : null;
    const self: Actor = {
      ...actor,
      tenantId: user.tenant_id,
      type: 'user',
      id: String(user.user_id),
      label: body.email,
    };
    const session = await this.db.write(self, async (tx) => {
      await tx.rows(
        'UPDATE flotilla.users SET last_login_at = now(), password_hash = coalesce($2, password_hash) WHERE id = $1',
        [user.user_id, rehashed],
      );
      await tx.record('auth.login', { type: 'user', id: user.user_id });
      return this.sessions.begin(tx, self, user.user_id);
    });
    return session();
  }

  /** Not awaited: an unknown e-mail writes nothing, and the answer must not tell by its time. */
  private recordRefused(actor: Actor, email: string, candidates: readonly Candidate[]): void {
    for (const { tenant_id, user_id } of candidates.slice(0, MOST_CANDIDATES)) {
      const known: Actor = { ...actor, tenantId: tenant_id, label: email };
      this.db
        .write(known, (tx) => tx.record('auth.login_refused', { type: 'user', id: user_id }, { email }))
        .catch((error: unknown) => this.log.warn({ err: error }, 'a refused login could not be recorded'));
    }
  }
}
