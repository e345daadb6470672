import { Injectable } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { EnrollmentTrust } from '../agents/index.js';
import { CONFIG } from '../platform/index.js';
import type { Config } from '../platform/index.js';
import { loadOrCreateAuthority, ServerIdentity, serverNames } from './pki/index.js';
import type { CertificateAuthority } from './pki/index.js';

/** Our authority and the listener's identity, loaded before anything needs them. */
@Injectable()
export class GatewayPki extends EnrollmentTrust {
  boundPort: number | undefined;

  private constructor(
    readonly authority: CertificateAuthority,
    readonly identity: ServerIdentity,
    private readonly config: Config,
  ) {
    super();
  }

  static async load(db: Db, config: Config): Promise<GatewayPki> {
    const authority = await loadOrCreateAuthority(db, config.masterKey);
    const names = serverNames(config.bind, config.publicUrl);
    return new GatewayPki(authority, new ServerIdentity(authority, names, config.tls), config);
  }

  override caSha256(): string | null {
    return this.identity.trust().caSha256;
  }

  override port(): number {
    return this.boundPort ?? this.config.grpcPort;
  }
}

export const gatewayPkiProviders = [
  { provide: GatewayPki, inject: [Db, CONFIG], useFactory: (db: Db, config: Config) => GatewayPki.load(db, config) },
  { provide: EnrollmentTrust, useExisting: GatewayPki },
];
