import type { LogLevel } from '../log/log.js';

/** What the installation was told, read once at boot. */
export interface Config {
  /** Folder of everything that this installation keeps on disk. */
  readonly dataDir: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  /** Address to listen on. */
  readonly bind: string;
  /** An outside PostgreSQL; null: the embedded one. */
  readonly databaseUrl: string | null;
  /** What enrolment commands and links name; null: not set. */
  readonly publicUrl: string | null;
  /** Serves without TLS beyond loopback. */
  readonly insecure: boolean;
  /** PEM texts. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** 32 bytes that encrypt what the database keeps secret. */
  readonly masterKey: Buffer;
  /** Addresses or CIDRs whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** CIDRs opened to outgoing calls besides the public internet. */
  readonly outboundAllow: readonly string[];
  /** This process among its replicas. */
  readonly replicaId: string;
  readonly logLevel: LogLevel;
}

/** Injection token of the Config. */
export const CONFIG = Symbol('flotilla:config');
