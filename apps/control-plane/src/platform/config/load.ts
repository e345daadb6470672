import { createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from './config.js';
import { readMasterKey } from './master-key.js';
import { ConfigError, isLoopback, parseSettings } from './settings.js';
import type { Environment, Settings } from './settings.js';
import { smtpConfig } from './smtp-settings.js';

/**
 * Reads the settings and the files that they name; makes the master key of a new installation.
 *
 * @param environment only tests give one
 * @throws ConfigError one line for each wrong setting
 */
export function loadConfig(environment: Environment = process.env): Config {
  const settings = parseSettings(environment);
  const dataDir = resolve(settings.FLOTILLA_DATA_DIR);
  return {
    dataDir,
    httpPort: settings.FLOTILLA_HTTP_PORT,
    grpcPort: settings.FLOTILLA_GRPC_PORT,
    bind: settings.FLOTILLA_BIND === 'localhost' ? '127.0.0.1' : settings.FLOTILLA_BIND,
    databaseUrl: settings.FLOTILLA_DATABASE_URL,
    publicUrl: settings.FLOTILLA_PUBLIC_URL?.replace(/\/$/, '') ?? null,
    insecure: settings.FLOTILLA_INSECURE,
    tls: readTls(settings),
    masterKey: readMasterKey({
      dataDir,
      file: settings.FLOTILLA_MASTER_KEY_FILE,
      outsideDatabase: settings.FLOTILLA_DATABASE_URL !== null,
    }),
    trustedProxies: settings.FLOTILLA_TRUSTED_PROXIES,
    auditMonths: settings.FLOTILLA_AUDIT_MONTHS,
    outboundAllow: settings.FLOTILLA_OUTBOUND_ALLOW,
    smtp: smtpConfig(settings, readPem),
    replicaId: randomUUID(),
    logLevel: settings.FLOTILLA_LOG_LEVEL,
    adminEmail: settings.FLOTILLA_ADMIN_EMAIL,
    adminPassword: settings.FLOTILLA_ADMIN_PASSWORD,
    accessTokenSeconds: settings.FLOTILLA_ACCESS_TOKEN_SECONDS,
    demo: settings.FLOTILLA_DEMO,
    warnings: warnings(settings),
  };
}

function readTls(settings: Settings): Config['tls'] {
  if (settings.FLOTILLA_TLS_CERT === null || settings.FLOTILLA_TLS_KEY === null) return null;
  const cert = readPem('FLOTILLA_TLS_CERT', settings.FLOTILLA_TLS_CERT);
  const key = readPem('FLOTILLA_TLS_KEY', settings.FLOTILLA_TLS_KEY);
  const parse = <T>(name: string, what: string, read: () => T): T => {
    try {
      return read();
    } catch {
      throw new ConfigError(`${name} must name a PEM file with ${what}`);
    }
  };
  const certificate = parse('FLOTILLA_TLS_CERT', 'a certificate', () => new X509Certificate(cert));
  const privateKey = parse('FLOTILLA_TLS_KEY', 'a private key without a passphrase', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ConfigError('FLOTILLA_TLS_KEY is not the key of the certificate in FLOTILLA_TLS_CERT');
  }
  return { cert, key };
}

function readPem(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${name} names a file that cannot be read: ${(error as Error).message}`);
  }
}

function warnings(settings: Settings): string[] {
  const beyond = !isLoopback(settings.FLOTILLA_BIND);
  return [
    ...(beyond && settings.FLOTILLA_TLS_CERT === null
      ? [
          `FLOTILLA_INSECURE=1: plain HTTP on ${settings.FLOTILLA_BIND}, so passwords and tokens cross the network in clear text unless a proxy adds TLS`,
        ]
      : []),
    ...(beyond && settings.FLOTILLA_PUBLIC_URL === null
      ? ['FLOTILLA_PUBLIC_URL is not set: links and enrolment commands name an address that other hosts may not reach']
      : []),
  ];
}
