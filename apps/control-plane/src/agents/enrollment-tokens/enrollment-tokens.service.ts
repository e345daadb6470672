import { createHash, randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { formatEnrollmentToken } from '@flotilla/contracts/agent';
import { Db, systemActor } from '@flotilla/persistence';
import type { Actor } from '@flotilla/persistence';
import { AppError, CONFIG, handsOutAgent, notFound } from '../../platform/index.js';
import type { Config } from '../../platform/index.js';
import { EnrollmentTrust } from '../agents.trust.js';
import { installCommand } from './install-command.js';
import type { InstallCommand } from './install-command.js';

const HOUR_S = 3_600;
export const SINGLE_USE_MAX_S = 24 * HOUR_S;
export const MULTI_USE_MAX_S = 366 * 24 * HOUR_S - 24 * HOUR_S;

export interface NewToken {
  readonly name: string;
  readonly multiUse: boolean;
  /** Kinds of controls from outside that its hosts may announce; without: none. */
  readonly controls?: readonly string[];
  /** From now, in seconds. */
  readonly expiresInS: number;
}

export interface MintedToken extends InstallCommand {
  readonly id: string;
  /** Shown once; only its hash is kept. */
  readonly token: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Enrolment tokens of a tenant. */
@Injectable()
export class EnrollmentTokens {
  constructor(
    private readonly db: Db,
    private readonly trust: EnrollmentTrust,
    @Inject(CONFIG) private readonly config: Config,
    @Optional() private readonly http?: HttpAdapterHost,
  ) {}

  /** @throws AppError VALIDATION_ERROR when it would live too long */
  async mint(actor: Actor, wanted: NewToken): Promise<MintedToken> {
    const longest = wanted.multiUse ? MULTI_USE_MAX_S : SINGLE_USE_MAX_S;
    if (wanted.expiresInS > longest) {
      throw new AppError(
        'VALIDATION_ERROR',
        wanted.multiUse
          ? 'A token for several hosts lives at most a year.'
          : 'A token for one host lives at most 24 hours.',
        { field: 'expires_in_seconds', value: wanted.expiresInS, expected: `at most ${longest}` },
      );
    }
    const id = randomBytes(8).toString('hex');
    const secret = randomBytes(20).toString('base64url');
    const token = formatEnrollmentToken({ id, secret, caSha256: this.trust.caSha256() });
    const row = await this.db.write(actor, async (tx) => {
      const made = await tx.row<{ created_at: Date; expires_at: Date }>(
        `INSERT INTO flotilla.enrollment_tokens (tenant_id, id, secret_sha256, name, multi_use, created_by, expires_at,
           controls)
         VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second', $8) RETURNING created_at, expires_at`,
        [
          actor.tenantId,
          id,
          createHash('sha256').update(secret).digest(),
          wanted.name,
          wanted.multiUse,
          actor.label,
          wanted.expiresInS,
          wanted.controls ?? [],
        ],
      );
      await tx.record(
        'enrollment_token.created',
        { type: 'enrollment_token', id },
        {
          name: wanted.name,
          multi_use: wanted.multiUse,
          controls: wanted.controls ?? [],
          expires_at: made?.expires_at,
        },
      );
      return made;
    });
    if (!row) throw new Error('the enrolment token was not stored');
    const { bind, publicUrl, tls } = this.config;
    const where = { bind, publicUrl, tls, grpcPort: this.trust.port(), httpPort: this.httpPort() };
    const command = installCommand({ ...where, handsOut: handsOutAgent() }, token);
    return { id, token, createdAt: row.created_at, expiresAt: row.expires_at, ...command };
  }

  /** The port that was really taken; null before it listens. */
  private httpPort(): number | null {
    const address = (this.http?.httpAdapter.getHttpServer() as Server | undefined)?.address();
    return address && typeof address === 'object' ? address.port : null;
  }

  /**
   * A token for the agent that the control plane starts on its own host.
   *
   * @returns the token, good for one enrolment in the next ten minutes
   */
  async mintForLocalAgent(tenantId: string): Promise<string> {
    const minted = await this.mint(systemActor(tenantId, 'start'), {
      name: 'agent of the control plane’s own host',
      multiUse: false,
      expiresInS: 600,
    });
    return minted.token;
  }

  /** Ends a token; hosts that enrolled with it stay. Safe to repeat. @throws AppError NOT_FOUND */
  async revoke(actor: Actor, id: string): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const row = await tx.row<{ name: string; revoked: boolean }>(
        `SELECT t.name, t.revoked_at IS NOT NULL AS revoked FROM flotilla.enrollment_tokens t WHERE t.id = $1 FOR UPDATE`,
        [id],
      );
      if (!row) throw notFound('enrolment token', id);
      if (row.revoked) return tx.withoutAudit('it was revoked before');
      await tx.rows(`UPDATE flotilla.enrollment_tokens t SET revoked_at = now() WHERE t.tenant_id = $1 AND t.id = $2`, [
        actor.tenantId,
        id,
      ]);
      await tx.record('enrollment_token.revoked', { type: 'enrollment_token', id }, { name: row.name });
    });
  }
}
