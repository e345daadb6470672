import { Injectable } from '@nestjs/common';
import type { IssueApiKeyBody, IssuedApiKey, Role, RotateApiKeyBody, Scope } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { WriteTx } from '@flotilla/persistence';
import type { z } from 'zod';
import { AppError, effectiveRole, includesRole, newApiKey, notFound, Principals } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { API_KEY_COLUMNS } from './api-keys.queries.js';
import type { ApiKeyRow } from './api-keys.queries.js';

type Issued = z.input<typeof IssuedApiKey>;

/** Keys of a tenant. Nobody issues a key that may do more than they may themselves. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly db: Db,
    private readonly principals: Principals,
  ) {}

  /** @throws AppError FORBIDDEN for more than one may oneself; VALIDATION_ERROR for an expiry in the past */
  async issue(actor: RequestActor, body: IssueApiKeyBody): Promise<Issued> {
    assertMayGive(actor, body.role ?? null, body.scopes ?? []);
    const expiresAt = body.expires_at === undefined ? null : new Date(body.expires_at);
    if (expiresAt && expiresAt.getTime() <= Date.now()) {
      throw new AppError('VALIDATION_ERROR', 'expires_at is in the past.', {
        field: 'expires_at',
        value: body.expires_at,
        expected: 'a moment in the future',
      });
    }
    return this.db.write(actor, async (tx) => {
      const issued = await this.insert(tx, actor, {
        name: body.name,
        role: body.role ?? null,
        scopes: body.scopes ?? [],
        expiresAt,
        rotatedFrom: null,
      });
      await tx.record(
        'api_key.issued',
        { type: 'api_key', id: issued.id },
        { name: body.name, role: issued.role, scopes: issued.scopes },
      );
      return issued;
    });
  }

  /** @throws AppError NOT_FOUND; CONFLICT when it is revoked already */
  async revoke(actor: RequestActor, id: string): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const key = await this.lock(tx, actor, id);
      await tx.rows('UPDATE flotilla.api_keys SET revoked_at = now() WHERE id = $1', [id]);
      await this.principals.changed(tx, actor.tenantId);
      await tx.record('api_key.revoked', { type: 'api_key', id }, { name: key.name });
    });
  }

  /**
   * A new key with the same name and permissions; the old one ends after the overlap (or earlier, by its own expiry).
   * A key with an expiry hands its length of life on.
   */
  async rotate(actor: RequestActor, id: string, body: RotateApiKeyBody): Promise<Issued> {
    return this.db.write(actor, async (tx) => {
      const old = await this.lock(tx, actor, id);
      const { expires_at: end, created_at: begin } = old as unknown as { expires_at: Date | null; created_at: Date };
      const expiresAt = end && new Date(Date.now() + end.getTime() - begin.getTime());
      await tx.rows(
        `UPDATE flotilla.api_keys SET expires_at = least(expires_at, now() + $2 * interval '1 minute') WHERE id = $1`,
        [id, body.overlap_minutes],
      );
      const issued = await this.insert(tx, actor, {
        name: old.name,
        role: old.role,
        scopes: old.scopes,
        expiresAt,
        rotatedFrom: id,
      });
      await this.principals.changed(tx, actor.tenantId);
      const subject = { type: 'api_key', id };
      await tx.record('api_key.rotated', subject, { successor: issued.id, overlap_minutes: body.overlap_minutes });
      return issued;
    });
  }

  private async insert(tx: WriteTx, actor: RequestActor, key: NewKey): Promise<Issued> {
    const made = newApiKey();
    const row = await tx.row<ApiKeyRow>(
      `INSERT INTO flotilla.api_keys AS k (tenant_id, id, name, role, scopes, secret_hash, last4, created_by, rotated_from, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING ${API_KEY_COLUMNS}`,
      [
        actor.tenantId,
        made.id,
        key.name,
        key.role,
        key.scopes,
        made.hash,
        made.last4,
        actor.userId,
        key.rotatedFrom,
        key.expiresAt,
      ],
    );
    return { ...row!, key: made.text };
  }

  private async lock(tx: WriteTx, actor: RequestActor, id: string): Promise<ApiKeyRow> {
    const key = await tx.row<ApiKeyRow>(
      `SELECT ${API_KEY_COLUMNS} FROM flotilla.api_keys k WHERE k.id = $1 FOR UPDATE`,
      [id],
    );
    if (!key) throw notFound('API key', id);
    if (key.revoked_at) throw new AppError('CONFLICT', 'This key is revoked already.', { field: 'id', value: id });
    assertMayGive(actor, key.role, key.scopes);
    return key;
  }
}

interface NewKey {
  readonly name: string;
  readonly role: Role | null;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | null;
  readonly rotatedFrom: string | null;
}

function assertMayGive(actor: RequestActor, role: Role | null, scopes: readonly Scope[]): void {
  const needed = effectiveRole(role, scopes);
  if (needed === null || includesRole(actor.role, needed)) return;
  throw new AppError(
    'FORBIDDEN',
    `A key with the role ${needed} can only be managed with that role; yours is ${actor.role}.`,
    {
      field: 'role',
      value: actor.role,
      expected: needed,
    },
  );
}
