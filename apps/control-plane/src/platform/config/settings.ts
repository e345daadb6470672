import { isIP } from 'node:net';
import { z } from 'zod';
import { SMTP_SETTINGS, smtpContradictions } from './smtp-settings.js';

/** Settings that other programs of Flotilla read (the agent, the launcher, tests); here they are known and unused. */
const READ_ELSEWHERE =
  /^FLOTILLA_(NVIDIA_SMI|SERVER|ENROLLMENT_TOKEN|STATE_DIR|SYNC_URL|API_KEY|FAILPOINT|TEST|NODE_NAME|(METADATA|TEST|AGENT|BENCH)_[A-Z_]+)$/;

const port = (fallback: number) =>
  number(0, 65_535, 'a port from 1 to 65535, or 0 for any free one').prefault(`${fallback}`);

const switchOf = z
  .string()
  .prefault('')
  .refine((text) => ['', '0', '1', 'false', 'true'].includes(text.toLowerCase()), 'must be 1 or 0')
  .transform((text) => ['1', 'true'].includes(text.toLowerCase()));

const networks = z
  .string()
  .prefault('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  )
  .refine(
    (parts) => parts.every(isNetwork),
    'must be addresses or CIDRs with commas between them, for example 10.0.0.0/8,192.168.1.5',
  );

const optionalText = z
  .string()
  .optional()
  .transform((text) => text?.trim() || null);

const publicUrl = optionalText.refine(
  (text) => text === null || isOrigin(text),
  'must be an address such as https://flotilla.example.com (http or https, no path)',
);

const databaseUrl = optionalText.refine(
  (text) => text === null || /^postgres(ql)?:\/\/./.test(text),
  'must begin with postgresql://',
);

/** Every setting of the control plane, all optional. */
export const SETTINGS = z.object({
  FLOTILLA_DATA_DIR: z
    .string()
    .min(1, 'must name a folder')
    .prefault('.flotilla')
    .describe('Where everything on disk lies'),
  FLOTILLA_HTTP_PORT: port(8080).describe('Port of the console, the API and the metrics'),
  FLOTILLA_GRPC_PORT: port(50_051).describe('Port that agents connect to'),
  FLOTILLA_DATABASE_URL: databaseUrl.describe('An outside PostgreSQL ≥ 15 instead of the embedded one'),
  FLOTILLA_BIND: z
    .string()
    .prefault('127.0.0.1')
    .refine(
      (text) => text === 'localhost' || isIP(text) !== 0,
      'must be an IP address of this machine, for example 0.0.0.0',
    )
    .describe('Address to listen on; beyond loopback it needs TLS or FLOTILLA_INSECURE=1'),
  FLOTILLA_INSECURE: switchOf.describe('1: serve plain HTTP beyond loopback'),
  FLOTILLA_PUBLIC_URL: publicUrl.describe('What links and enrolment commands name'),
  FLOTILLA_TLS_CERT: optionalText.describe('PEM file of the certificate chain'),
  FLOTILLA_TLS_KEY: optionalText.describe("PEM file of the certificate's key"),
  FLOTILLA_MASTER_KEY_FILE: optionalText.describe(
    'File with the key that encrypts secrets (32 bytes as base64 or hex)',
  ),
  FLOTILLA_TRUSTED_PROXIES: networks.describe('Proxies whose X-Forwarded-For is believed'),
  FLOTILLA_AUDIT_MONTHS: optionalText
    .refine((text) => text === null || /^[1-9]\d{0,2}$/.test(text), 'must be a number of months from 1 to 999')
    .transform((text) => (text === null ? null : Number(text)))
    .describe('Months that the audit is kept; left out: for ever'),
  FLOTILLA_OUTBOUND_ALLOW: networks.describe('Private networks that outgoing calls may reach'),
  ...SMTP_SETTINGS,
  FLOTILLA_ADMIN_EMAIL: optionalText
    .refine((text) => text === null || /^[^\s@]{1,64}@[^\s@]{1,190}$/.test(text), 'must be an e-mail address')
    .describe("The first owner's e-mail"),
  FLOTILLA_ADMIN_PASSWORD: z
    .string()
    .min(8, 'must have at least 8 characters')
    .max(256, 'must have at most 256 characters')
    .optional()
    .transform((text) => text ?? null)
    .describe("The first owner's password; generated and shown once when it is not set"),
  FLOTILLA_ACCESS_TOKEN_SECONDS: number(60, 86_400, 'a number of seconds from 60 to 86400')
    .prefault('900')
    .describe('How long an access token lives'),
  FLOTILLA_LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent',
    )
    .prefault('info')
    .describe('How much is logged'),
  FLOTILLA_DEMO: switchOf.describe('1: a simulated fleet (npm run demo)'),
});

export type Settings = z.infer<typeof SETTINGS>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings that cannot be used; one line for each, which says what to write instead. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the settings from the environment. An empty value counts as not set.
 *
 * @throws ConfigError
 */
export function parseSettings(environment: Environment): Settings {
  const given = Object.entries(environment).filter(([name, value]) => name.startsWith('FLOTILLA_') && value !== '');
  const unknown = given.map(([name]) => name).filter((name) => !(name in SETTINGS.shape) && !READ_ELSEWHERE.test(name));
  if (unknown.length > 0) {
    throw new ConfigError(unknown.map((name) => `${name} is not a setting of Flotilla${suggestion(name)}`).join('\n'));
  }
  const result = SETTINGS.safeParse(Object.fromEntries(given));
  if (!result.success) {
    const lines = result.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      const shown = /PASSWORD|DATABASE_URL/.test(name) ? '' : ` (it is ${JSON.stringify(environment[name])})`;
      return `${name} ${issue.message}${shown}`;
    });
    throw new ConfigError(lines.join('\n'));
  }
  const wrong = contradictions(result.data);
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'));
  return result.data;
}

/** What single settings cannot tell: those that do not go together. */
function contradictions(settings: Settings): string[] {
  const lines: string[] = smtpContradictions(settings);
  if (settings.FLOTILLA_HTTP_PORT === settings.FLOTILLA_GRPC_PORT && settings.FLOTILLA_HTTP_PORT !== 0) {
    lines.push(`FLOTILLA_GRPC_PORT must differ from FLOTILLA_HTTP_PORT (both are ${settings.FLOTILLA_HTTP_PORT})`);
  }
  if ((settings.FLOTILLA_TLS_CERT === null) !== (settings.FLOTILLA_TLS_KEY === null)) {
    const [has, lacks] = settings.FLOTILLA_TLS_CERT === null ? ['KEY', 'CERT'] : ['CERT', 'KEY'];
    lines.push(`FLOTILLA_TLS_${lacks} is missing: it goes together with FLOTILLA_TLS_${has}`);
  }
  if (!isLoopback(settings.FLOTILLA_BIND) && settings.FLOTILLA_TLS_CERT === null && !settings.FLOTILLA_INSECURE) {
    lines.push(
      `FLOTILLA_BIND=${settings.FLOTILLA_BIND} would send passwords over the network in clear text: set FLOTILLA_TLS_CERT and FLOTILLA_TLS_KEY, ` +
        'or FLOTILLA_INSECURE=1 behind a proxy that adds TLS',
    );
  }
  return lines;
}

export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || address.startsWith('127.');
}

function number(least: number, most: number, expected: string) {
  return z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most, `must be ${expected}`)
    .transform(Number);
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const bare = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  return (url.protocol === 'http:' || url.protocol === 'https:') && bare;
}

/** The known setting that was probably meant. */
function suggestion(name: string): string {
  const words = new Set(name.split('_').slice(1));
  const [best] = Object.keys(SETTINGS.shape)
    .map((known) => ({
      known,
      shared: known
        .split('_')
        .slice(1)
        .filter((word) => words.has(word)).length,
    }))
    .sort((a, b) => b.shared - a.shared);
  return best && best.shared > 0 ? ` (did you mean ${best.known}?)` : ' (the README lists them all)';
}
