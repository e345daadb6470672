import { z } from 'zod';

/** How the connection to the mail server is kept secret. */
export type SmtpTls = 'starttls' | 'tls' | 'none';

/** Through which server the installation sends e-mail. */
export interface SmtpConfig {
  readonly host: string;
  readonly port: number;
  readonly tls: SmtpTls;
  /** null: without logging in. */
  readonly login: { readonly user: string; readonly password: string } | null;
  /** Address that mail comes from. */
  readonly from: string;
  /** PEM of a certificate authority that is believed besides the usual ones. */
  readonly ca: string | null;
  /** The only domains that mail may go to, in lower case; empty: any. */
  readonly recipientDomains: readonly string[];
}

const optional = () =>
  z
    .string()
    .optional()
    .transform((text) => text?.trim() || null);

const HOST = /^(?=.{1,253}$)[0-9A-Za-z:]([0-9A-Za-z.:-]*[0-9A-Za-z])?$/;
const ADDRESS = /^[^\s@<>",;:()[\]\\]{1,64}@[0-9A-Za-z.-]{1,190}$/;
const DOMAIN = /^[0-9a-z]([0-9a-z.-]*[0-9a-z])?$/;

/** Settings of outgoing mail. */
export const SMTP_SETTINGS = {
  FLOTILLA_SMTP_HOST: optional()
    .refine((text) => text === null || HOST.test(text), 'must be a host name or an IP address, without a port')
    .describe('Mail server for e-mail channels; none without it. An inside address needs FLOTILLA_OUTBOUND_ALLOW too'),
  FLOTILLA_SMTP_PORT: z
    .string()
    .prefault('587')
    .refine(
      (text) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535,
      'must be a port from 1 to 65535',
    )
    .transform(Number)
    .describe('Its port'),
  FLOTILLA_SMTP_TLS: z
    .enum(['starttls', 'tls', 'none'], 'must be starttls, tls or none')
    .prefault('starttls')
    .describe('starttls and tls refuse a server without; none is for addresses in FLOTILLA_OUTBOUND_ALLOW'),
  FLOTILLA_SMTP_CA: optional().describe('PEM file of a certificate authority of your own'),
  FLOTILLA_SMTP_USER: optional().describe('Name to log in with'),
  FLOTILLA_SMTP_PASSWORD: z
    .string()
    .optional()
    .transform((text) => text ?? null)
    .describe('Password to log in with'),
  FLOTILLA_SMTP_FROM: optional()
    .refine((text) => text === null || ADDRESS.test(text), 'must be an e-mail address')
    .describe('Address that mail comes from'),
  FLOTILLA_SMTP_RECIPIENT_DOMAINS: z
    .string()
    .prefault('')
    .transform((text) =>
      text
        .toLowerCase()
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .refine((parts) => parts.every((part) => DOMAIN.test(part)), 'must be domains with commas between them')
    .describe('The only domains that mail may go to, whatever tenants say; any without it'),
};

type SmtpSettings = { readonly [Name in keyof typeof SMTP_SETTINGS]: z.output<(typeof SMTP_SETTINGS)[Name]> };

export function smtpContradictions(settings: SmtpSettings): string[] {
  const lines: string[] = [];
  if (settings.FLOTILLA_SMTP_HOST !== null && settings.FLOTILLA_SMTP_FROM === null) {
    lines.push('FLOTILLA_SMTP_FROM is missing: mail servers want to know whom mail comes from');
  }
  if ((settings.FLOTILLA_SMTP_USER === null) !== (settings.FLOTILLA_SMTP_PASSWORD === null)) {
    const [has, lacks] = settings.FLOTILLA_SMTP_USER === null ? ['PASSWORD', 'USER'] : ['USER', 'PASSWORD'];
    lines.push(`FLOTILLA_SMTP_${lacks} is missing: it goes together with FLOTILLA_SMTP_${has}`);
  }
  if (settings.FLOTILLA_SMTP_HOST === null) {
    const alone = ['USER', 'PASSWORD', 'FROM', 'CA'].filter(
      (name) => settings[`FLOTILLA_SMTP_${name}` as 'FLOTILLA_SMTP_USER'] !== null,
    );
    if (alone.length > 0)
      lines.push(`FLOTILLA_SMTP_HOST is missing: FLOTILLA_SMTP_${alone[0]} says nothing without it`);
  }
  return lines;
}

/** @param readPem reads the file that a setting names */
export function smtpConfig(settings: SmtpSettings, readPem: (name: string, path: string) => string): SmtpConfig | null {
  const { FLOTILLA_SMTP_HOST: host, FLOTILLA_SMTP_CA: ca } = settings;
  if (host === null) return null;
  return {
    host,
    port: settings.FLOTILLA_SMTP_PORT,
    tls: settings.FLOTILLA_SMTP_TLS,
    login:
      settings.FLOTILLA_SMTP_USER === null
        ? null
        : { user: settings.FLOTILLA_SMTP_USER, password: settings.FLOTILLA_SMTP_PASSWORD! },
    from: settings.FLOTILLA_SMTP_FROM!,
    ca: ca === null ? null : readPem('FLOTILLA_SMTP_CA', ca),
    recipientDomains: settings.FLOTILLA_SMTP_RECIPIENT_DOMAINS,
  };
}
