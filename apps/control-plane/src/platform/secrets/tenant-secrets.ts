import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { ReadTx } from '@flotilla/persistence';
import { CONFIG } from '../config/index.js';
import type { Config } from '../config/index.js';
import { seal, unseal, UnsealError } from './sealed.js';

interface WrappedKey {
  readonly version: number;
  readonly wrapped: Buffer;
}

/** Where a sealed value stands: it opens nowhere else. */
export interface SealedPlace {
  readonly tenantId: string;
  /** `notification_channels` */
  readonly table: string;
  readonly id: string | number;
}

const VERSION_BYTES = 4;

/**
 * Seals what a tenant keeps secret under a data key of its own, which the master key wraps (envelope encryption). A value
 * is bound to tenant, table and row: moved to another one it does not open.
 */
@Injectable()
export class TenantSecrets {
  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'masterKey'>) {}

  /** @param tx of the tenant, and one that writes: the first value of a tenant makes its key */
  async seal(tx: ReadTx, place: SealedPlace, plaintext: string): Promise<Buffer> {
    const key = (await this.newest(tx, place.tenantId)) ?? (await this.make(tx, place.tenantId));
    const version = Buffer.alloc(VERSION_BYTES);
    version.writeUInt32BE(key.version);
    return Buffer.concat([version, seal(this.unwrap(place.tenantId, key), contextOf(place), Buffer.from(plaintext))]);
  }

  /** @throws UnsealError when the master key or the tenant's key is another one, or the value was moved or changed */
  async unseal(tx: ReadTx, place: SealedPlace, sealed: Buffer): Promise<string> {
    const version = sealed.length > VERSION_BYTES ? sealed.readUInt32BE(0) : 0;
    const key = await tx.row<{ version: number; wrapped: Buffer }>(
      'SELECT version, wrapped FROM flotilla.tenant_keys WHERE tenant_id = $1 AND version = $2::bigint',
      [place.tenantId, version],
    );
    if (!key) throw new UnsealError(`${contextOf(place)}: the tenant has no data key ${version}`);
    return unseal(this.unwrap(place.tenantId, key), contextOf(place), sealed.subarray(VERSION_BYTES)).toString();
  }

  private async newest(tx: ReadTx, tenantId: string): Promise<WrappedKey | undefined> {
    return tx.row<{ version: number; wrapped: Buffer }>(
      'SELECT version, wrapped FROM flotilla.tenant_keys WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1',
      [tenantId],
    );
  }

  /** Two at once make one key: the second waits for the first and takes its. */
  private async make(tx: ReadTx, tenantId: string): Promise<WrappedKey> {
    await tx.rows(
      'INSERT INTO flotilla.tenant_keys (tenant_id, version, wrapped) VALUES ($1, 1, $2) ON CONFLICT DO NOTHING',
      [tenantId, seal(this.config.masterKey, `tenant_keys|${tenantId}|1`, randomBytes(32))],
    );
    return (await this.newest(tx, tenantId))!;
  }

  private unwrap(tenantId: string, { version, wrapped }: WrappedKey): Buffer {
    return unseal(this.config.masterKey, `tenant_keys|${tenantId}|${version}`, wrapped);
  }
}

const contextOf = ({ tenantId, table, id }: SealedPlace) => `${tenantId}|${table}|${id}`;
