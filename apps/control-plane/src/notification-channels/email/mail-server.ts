import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Message } from '@flotilla/domain';
import { createTransport } from 'nodemailer';
import { CONFIG, Outbound, OutboundError } from '../../platform/index.js';
import type { Config, SmtpConfig } from '../../platform/index.js';
import type { Sent } from '../http-request.js';
import { emailHtml, emailText } from './email-body.js';

const CONNECT_MS = 10_000;
const SILENCE_MS = 15_000;
/** The whole of it; shorter than the lease of what is sent. */
const WHOLE_MS = 25_000;

/** Sends mail through the installation's server. */
@Injectable()
export class MailServer {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'smtp'>,
    private readonly outbound: Outbound,
  ) {}

  /** Why a mailbox may not be written to; null: it may. */
  refusal(recipient: string, tenantDomains: readonly string[] | null): string | null {
    const domain = recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase();
    const installation = this.config.smtp?.recipientDomains ?? [];
    if (installation.length > 0 && !installation.includes(domain)) {
      return `This installation sends mail to ${installation.join(', ')} only (FLOTILLA_SMTP_RECIPIENT_DOMAINS).`;
    }
    if (tenantDomains !== null && !tenantDomains.includes(domain)) {
      return `Mail goes to ${tenantDomains.join(', ') || 'no domain'} only; the notification policy lists the domains.`;
    }
    return null;
  }

  async send(recipients: readonly string[], message: Message): Promise<Sent> {
    const { smtp } = this.config;
    if (!smtp) return dead('This installation has no mail server: its operator sets FLOTILLA_SMTP_HOST.');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Sent>((resolve) => {
      const reason = `${smtp.host} did not take the mail within ${WHOLE_MS / 1000} s.`;
      timer = setTimeout(() => resolve({ outcome: 'retry', statusCode: null, reason, retryAfterMs: null }), WHOLE_MS);
    });
    const transport = this.transport(smtp);
    try {
      return await Promise.race([this.submit(transport, smtp, recipients, message), late]);
    } finally {
      clearTimeout(timer);
      transport.close();
    }
  }

  private async submit(
    transport: ReturnType<MailServer['transport']>,
    smtp: SmtpConfig,
    recipients: readonly string[],
    message: Message,
  ): Promise<Sent> {
    try {
      const info = await transport.sendMail(mailOf(smtp, recipients, message));
      const refused = info.rejected;
      const reason = refused.length > 0 ? `${smtp.host} did not take it for ${refused.join(', ')}.` : null;
      return {
        outcome: 'delivered',
        statusCode: Number(/^\d{3}/.exec(info.response)?.[0]) || null,
        reason,
        retryAfterMs: null,
      };
    } catch (error) {
      return failed(smtp, error);
    }
  }

  /** One connection for one mail: alerts are few, and an idle connection that breaks would look like a failure. */
  private transport(smtp: SmtpConfig) {
    return createTransport({
      host: smtp.host,
      port: smtp.port,
      secure: smtp.tls === 'tls',
      requireTLS: smtp.tls === 'starttls',
      ignoreTLS: smtp.tls === 'none',
      ...(smtp.login && { auth: { user: smtp.login.user, pass: smtp.login.password } }),
      tls: { minVersion: 'TLSv1.2', ...(smtp.ca && { ca: smtp.ca }) },
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
      getSocket: (_options, callback) => {
        this.outbound.connect(smtp.host, smtp.port, smtp.tls !== 'none', CONNECT_MS).then(
          (connection) => callback(null, { connection }),
          (error: Error) => callback(error, false),
        );
      },
    });
  }
}

/** Headers from what was checked, cut to one line or made here; nodemailer encodes them by RFC 2047 and 5322. */
function mailOf(smtp: SmtpConfig, recipients: readonly string[], message: Message) {
  const domain = smtp.from.slice(smtp.from.lastIndexOf('@') + 1);
  const thread = `<${createHash('sha256').update(message.dedupKey).digest('hex').slice(0, 32)}@${domain}>`;
  return {
    from: { name: 'Flotilla', address: smtp.from },
    to: recipients.map((address) => ({ name: '', address })),
    subject: message.title,
    text: emailText(message),
    html: emailHtml(message),
    messageId: `<${message.id}@${domain}>`,
    // what concerns one alert is one conversation
    references: [thread],
    inReplyTo: thread,
    date: new Date(message.at),
    headers: {
      'Auto-Submitted': 'auto-generated', // RFC 3834: no holiday answers to us
      'X-Auto-Response-Suppress': 'All',
      'X-Flotilla-Severity': message.severity,
    },
  };
}

/** 5xx is for good, 4xx and a broken connection pass (RFC 5321, 4.2.1). A login that is refused waits for a person. */
function failed(smtp: SmtpConfig, error: unknown): Sent {
  if (error instanceof OutboundError) {
    const outcome = error.fault === 'refused' ? 'dead' : 'retry';
    return { outcome, statusCode: null, reason: error.message, retryAfterMs: null };
  }
  const { responseCode = null, ...rest } = error as { code?: string; responseCode?: number | null };
  const code = /certificate|self.signed/i.test((error as Error).message) ? 'ECERT' : (rest.code ?? '');
  const said = responseCode === null ? '' : ` (${responseCode})`;
  const sent = (outcome: Sent['outcome'], reason: string): Sent => ({
    outcome,
    statusCode: responseCode,
    reason,
    retryAfterMs: null,
  });
  const permanent = responseCode !== null && responseCode >= 500;
  switch (code) {
    case 'EAUTH':
      return sent(
        permanent ? 'dead' : 'retry',
        `${smtp.host} refused the log-in${said}: look at FLOTILLA_SMTP_USER and FLOTILLA_SMTP_PASSWORD.`,
      );
    case 'ETLS':
    case 'ECERT':
      return sent(
        'retry',
        `${smtp.host} offered no TLS that can be trusted${said}: look at FLOTILLA_SMTP_TLS and FLOTILLA_SMTP_CA.`,
      );
    case 'EENVELOPE':
      return sent(permanent ? 'dead' : 'retry', `${smtp.host} took none of the recipients${said}.`);
    case 'EMESSAGE':
      return sent(permanent ? 'dead' : 'retry', `${smtp.host} did not take the mail${said}.`);
    default:
      return sent(permanent ? 'dead' : 'retry', `The conversation with ${smtp.host} broke off${said}.`);
  }
}

const dead = (reason: string): Sent => ({ outcome: 'dead', statusCode: null, reason, retryAfterMs: null });
