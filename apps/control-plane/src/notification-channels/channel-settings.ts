import { Injectable } from '@nestjs/common';
import type { ChannelType } from '@flotilla/contracts';
import type { ReadTx } from '@flotilla/persistence';
import {
  AppError,
  newWebhookSecret,
  Outbound,
  OutboundError,
  TenantSecrets,
  webhookSecretIssue,
} from '../platform/index.js';
import { ADDRESSES, partsOf, readConfig } from './channel-config.js';
import { MailServer } from './email/mail-server.js';

type Values = Readonly<Record<string, unknown>>;

/** A channel's settings, checked, and what is kept of them. */
@Injectable()
export class ChannelSettings {
  constructor(
    private readonly secrets: TenantSecrets,
    private readonly outbound: Outbound,
    private readonly mail: MailServer,
  ) {}

  /**
   * @param kept whole settings so far; none for a new channel
   * @param emailDomains of the tenant's policy
   * @throws AppError VALIDATION_ERROR that names the field
   */
  check(type: ChannelType, given: Values, emailDomains: readonly string[] | null, kept?: Values): Values {
    const config: Values = readConfig(type, given, kept);
    for (const field of ADDRESSES[type]) this.assertCallable(field, String(config[field]));
    if (type === 'email') this.assertRecipients(config['recipients'] as string[], emailDomains);
    if (type !== 'webhook') return config;
    const issue = typeof config['secret'] === 'string' ? webhookSecretIssue(config['secret']) : null;
    if (issue !== null) throw invalid('config.secret', `expected ${issue}.`, undefined, issue);
    return config;
  }

  /** A webhook without a secret gets one. @returns it, to be shown once; null when one was given */
  completed(type: ChannelType, config: Values): { config: Values; made: string | null } {
    if (type !== 'webhook' || config['secret'] !== undefined) return { config, made: null };
    const made = newWebhookSecret();
    return { config: { ...config, secret: made }, made };
  }

  /** What goes into the row: settings to show, and the sealed rest. */
  async parts(tx: ReadTx, tenantId: string, id: number, type: ChannelType, config: Values) {
    const { shown, secrets } = partsOf(type, config);
    const place = { tenantId, table: 'notification_channels', id };
    const sealed = Object.keys(secrets).length > 0 ? await this.secrets.seal(tx, place, JSON.stringify(secrets)) : null;
    return { shown: JSON.stringify(shown), sealed };
  }

  /** The settings whole. */
  async whole(tx: ReadTx, tenantId: string, id: number, shown: Values, sealed: Buffer | null): Promise<Values> {
    if (!sealed) return shown;
    const text = await this.secrets.unseal(tx, { tenantId, table: 'notification_channels', id }, sealed);
    return { ...shown, ...(JSON.parse(text) as Values) };
  }

  private assertCallable(field: string, address: string): void {
    try {
      this.outbound.assertCallable(address);
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      throw invalid(`config.${field}`, error.message, undefined, 'an address that outgoing calls reach');
    }
  }

  private assertRecipients(recipients: readonly string[], emailDomains: readonly string[] | null): void {
    recipients.forEach((recipient, index) => {
      const refusal = this.mail.refusal(recipient, emailDomains);
      if (refusal)
        throw invalid(`config.recipients.${index}`, refusal, recipient, 'a mailbox of a domain that is allowed');
    });
  }
}

const invalid = (field: string, message: string, value: unknown, expected: string) =>
  new AppError('VALIDATION_ERROR', `${field}: ${message}`, { field, ...(value !== undefined && { value }), expected });
