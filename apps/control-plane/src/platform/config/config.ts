import type { LogLevel } from '../log/log.js';
import type { SmtpConfig } from './smtp-settings.js';

/** What the installation was told, read once at boot. */
export interface Config {
  /** Folder of everything that this installation keeps on disk; absolute. */
  readonly dataDir: string;
  /** 0: any free port. */
  readonly httpPort: number;
  /** 0: any free port. */
  readonly grpcPort: number;
  /** Address to listen on. */
  readonly bind: string;
  /** An outside PostgreSQL; null: the embedded one. */
  readonly databaseUrl: string | null;
  /** What enrolment commands and links name, without a slash at its end; null: not set. */
  readonly publicUrl: string | null;
  /** Serves without TLS beyond loopback. */
  readonly insecure: boolean;
  /** PEM texts. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** 32 bytes that encrypt what the database keeps secret. */
  readonly masterKey: Buffer;
  /** Addresses or CIDRs whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** How long rows of the audit are kept; null: for ever. */
  readonly auditMonths: number | null;
  /** CIDRs opened to outgoing calls besides the public internet. */
  readonly outboundAllow: readonly string[];
  /** null: this installation sends no e-mail. */
  readonly smtp: SmtpConfig | null;
  /** This process among its replicas. */
  readonly replicaId: string;
  readonly logLevel: LogLevel;
  /** The first owner's e-mail and password as given; null: made up at the first start. */
  readonly adminEmail: string | null;
  readonly adminPassword: string | null;
  /** How long an access token lives, seconds. */
  readonly accessTokenSeconds: number;
  /** Fills the installation with a simulated fleet. */
  readonly demo: boolean;
  /** What the operator should know about these settings; written to the log at boot. */
  readonly warnings: readonly string[];
}

/** Injection token of the Config. */
export const CONFIG = Symbol('flotilla:config');
