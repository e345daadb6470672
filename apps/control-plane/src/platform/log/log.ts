import { pino } from 'pino';
import type { Logger } from 'pino';

/** Fields that must never reach a log, wherever a room puts them, one level down included. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'password',
  'passwordHash',
  'password_hash',
  'secret',
  'token',
  'accessToken',
  'refreshToken',
  'access_token',
  'refresh_token',
  'apiKey',
  'api_key',
  'x-api-key',
  'privateKey',
  'private_key',
  'masterKey',
  'credential',
  'credentials',
  'kubeconfig',
  'connectionString',
];
const REDACT = SECRET_FIELDS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);
/** Keys, tokens and passwords inside texts: our API keys, JWTs, bearer headers, passwords in URLs. */
const SECRET_TEXT =
  /flt_live_[0-9A-Za-z]+_[0-9A-Za-z]+|fl[a-z]{1,4}_[0-9A-Za-z_-]{24,}|eyJ[\w-]{8,}\.[\w-]+\.[\w-]+|\b[Bb]earer\s+[\w.~+/=-]+|(?<=:\/\/[^:@/\s]{1,100}:)[^@/\s]{1,200}(?=@)/g;

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
type Facts = Readonly<Record<string, unknown>>;

/** Removes what looks like a secret from a text that others wrote (an error's message). */
export function withoutSecrets(text: string): string {
  return text.replace(SECRET_TEXT, '[removed]');
}

/**
 * Structured log lines: one JSON object a line, so that a line break inside a value stays inside its quotes.
 *
 * @example log.info({ agentId }, 'an agent connected')
 */
export class Log {
  private constructor(private readonly pino: Logger) {}

  static to(destination: { write(line: string): void } | undefined, level: LogLevel = 'info'): Log {
    const options = {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label: string) => ({ level: label }) },
      redact: { paths: REDACT, censor: '[removed]' },
      serializers: { err: serializeError },
    };
    return new Log(destination ? pino(options, destination) : pino(options));
  }

  /** A log whose lines carry `name` as their component. */
  child(name: string): Log {
    return new Log(this.pino.child({ component: name }));
  }

  debug(facts: Facts, message: string): void {
    this.pino.debug(facts, withoutSecrets(message));
  }
  info(facts: Facts, message: string): void {
    this.pino.info(facts, withoutSecrets(message));
  }
  warn(facts: Facts, message: string): void {
    this.pino.warn(facts, withoutSecrets(message));
  }
  error(facts: Facts, message: string): void {
    this.pino.error(facts, withoutSecrets(message));
  }
  fatal(facts: Facts, message: string): void {
    this.pino.fatal(facts, withoutSecrets(message));
  }
}

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return withoutSecrets(String(error));
  const { code, cause } = error as Error & { code?: unknown };
  return {
    type: error.name,
    message: withoutSecrets(error.message),
    stack: withoutSecrets(error.stack ?? ''),
    ...(code !== undefined && { code }),
    ...(cause !== undefined && { cause: serializeError(cause) }),
  };
}
