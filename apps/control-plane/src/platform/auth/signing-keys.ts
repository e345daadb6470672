import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { CONFIG } from '../config/index.js';
import type { Config } from '../config/index.js';
import { Jobs } from '../jobs/jobs.js';
import { seal, unseal } from '../secrets/index.js';

export interface SigningKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly createdAt: Date;
}

/** A new key signs after this; the old one is believed for as long again, far longer than any access token lives. */
const ROTATE_AFTER_DAYS = 30;
/** An unknown kid looks into the database at most this often: made-up kids must not become queries. */
const LOOK_AGAIN_MS = 5_000;

/** The ES256 keys of access tokens, shared by all replicas through the database. */
@Injectable()
export class SigningKeys implements OnModuleInit {
  private keys = new Map<string, SigningKey>();
  private loadedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.jobs.every({
      name: 'auth.rotate-signing-keys',
      everyMs: 3_600_000,
      exclusive: true,
      run: () => this.rotate(),
    });
  }

  /** The key that signs new tokens; made at the first call of an installation. */
  async current(): Promise<SigningKey> {
    if (this.keys.size === 0 || performance.now() - this.loadedAt > 60_000) await this.load();
    if (this.keys.size === 0) await this.rotate();
    return newest(this.keys)!;
  }

  /** undefined when nobody signed with such a key. */
  async byId(kid: string): Promise<SigningKey | undefined> {
    const known = this.keys.get(kid);
    if (known || performance.now() - this.loadedAt < LOOK_AGAIN_MS) return known;
    await this.load();
    return this.keys.get(kid);
  }

  /** Makes a new key when the newest is old, and forgets the ended ones. */
  async rotate(): Promise<void> {
    await this.db.system(async (tx) => {
      await tx.rows('LOCK TABLE flotilla.signing_keys IN SHARE ROW EXCLUSIVE MODE');
      await tx.rows('DELETE FROM flotilla.signing_keys WHERE ends_at < now()');
      const fresh = await tx.rows(
        `SELECT k.kid FROM flotilla.signing_keys k WHERE k.created_at > now() - $1 * interval '1 day'`,
        [ROTATE_AFTER_DAYS],
      );
      if (fresh.length > 0) return;
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const kid = randomBytes(12).toString('base64url');
      const pem = Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }));
      await tx.rows(
        `INSERT INTO flotilla.signing_keys (kid, public_key, private_key_sealed, ends_at)
         VALUES ($1, $2, $3, now() + $4 * interval '1 day')`,
        [
          kid,
          publicKey.export({ type: 'spki', format: 'pem' }),
          seal(this.config.masterKey, context(kid), pem),
          2 * ROTATE_AFTER_DAYS,
        ],
      );
    });
    await this.load();
  }

  private async load(): Promise<void> {
    const rows = await this.db.system((tx) =>
      tx.rows<{ kid: string; public_key: string; private_key_sealed: Buffer; created_at: Date }>(
        'SELECT k.kid, k.public_key, k.private_key_sealed, k.created_at FROM flotilla.signing_keys k WHERE k.ends_at > now()',
      ),
    );
    this.keys = new Map(
      rows.map((row) => [
        row.kid,
        this.keys.get(row.kid) ?? {
          kid: row.kid,
          publicKey: createPublicKey(row.public_key),
          privateKey: createPrivateKey(unseal(this.config.masterKey, context(row.kid), row.private_key_sealed)),
          createdAt: row.created_at,
        },
      ]),
    );
    this.loadedAt = performance.now();
  }
}

function context(kid: string): string {
  return `signing_keys|${kid}`;
}

function newest(keys: ReadonlyMap<string, SigningKey>): SigningKey | undefined {
  return [...keys.values()].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0];
}
