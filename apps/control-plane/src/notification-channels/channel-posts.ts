import { Injectable } from '@nestjs/common';
import type { ChannelConfigs, ChannelType } from '@flotilla/contracts';
import { cut, oneLine, retryAfterMs, verdictOfStatus } from '@flotilla/domain';
import type { Message } from '@flotilla/domain';
import { Outbound, OutboundError } from '../platform/index.js';
import type { OutboundAnswer } from '../platform/index.js';
import { discordRequest } from './discord/discord.js';
import { MailServer } from './email/mail-server.js';
import type { HttpRequest, Sent } from './http-request.js';
import { opsgenieRequest } from './opsgenie/opsgenie.js';
import { pagerdutyRequest } from './pagerduty/pagerduty.js';
import { slackRequest } from './slack/slack.js';
import { teamsRequest } from './teams/teams.js';
import { webhookRequest } from './webhook/webhook.js';

/** A channel as it is told: its settings whole. */
export type ChannelTarget = {
  readonly [Type in ChannelType]: { readonly type: Type; readonly config: ChannelConfigs[Type] };
}[ChannelType] & { readonly emailDomains: readonly string[] | null };

const TIMEOUT_MS = 10_000;
const MOST_BYTES = 16_384;

/**
 * Whose own words are shown to whoever configures a channel: services that answer with what is wrong and can be nobody's
 * inside. Of any other host only the status is told, or the test of a channel would read out the inner network.
 */
const KNOWN = [
  'hooks.slack.com',
  'discord.com',
  'events.pagerduty.com',
  'events.eu.pagerduty.com',
  'api.opsgenie.com',
  'api.eu.opsgenie.com',
];
const KNOWN_BELOW = ['.webhook.office.com', '.logic.azure.com', '.environment.api.powerplatform.com'];

/** Tells one channel one message, and says what came of it. Keeps nothing. */
@Injectable()
export class ChannelPosts {
  constructor(
    private readonly outbound: Outbound,
    private readonly mail: MailServer,
  ) {}

  async send(target: ChannelTarget, message: Message): Promise<Sent> {
    switch (target.type) {
      case 'email':
        return this.sendMail(target.config.recipients, target.emailDomains, message);
      case 'slack':
        return this.post(slackRequest(target.config, message), target.config);
      case 'pagerduty':
        return this.post(pagerdutyRequest(target.config, message), target.config);
      case 'opsgenie':
        return this.post(opsgenieRequest(target.config, message), target.config);
      case 'teams':
        return this.post(teamsRequest(target.config, message), target.config);
      case 'discord':
        return this.post(discordRequest(target.config, message), target.config);
      case 'webhook':
        return this.post(webhookRequest(target.config, message, Date.now()), target.config);
    }
  }

  private async sendMail(all: readonly string[], domains: readonly string[] | null, message: Message): Promise<Sent> {
    const refusals = all.map((one) => this.mail.refusal(one, domains));
    const allowed = all.filter((_, index) => refusals[index] === null);
    const refusal = refusals.find((one) => one !== null) ?? null;
    if (allowed.length === 0) return { outcome: 'dead', statusCode: null, reason: refusal, retryAfterMs: null };
    const sent = await this.mail.send(allowed, message);
    return { ...sent, reason: sent.reason ?? refusal };
  }

  private async post({ url, headers, body }: HttpRequest, config: object): Promise<Sent> {
    try {
      const answer = await this.outbound.call(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        timeoutMs: TIMEOUT_MS,
        maxBytes: MOST_BYTES,
        partial: true,
      });
      return verdict(new URL(url), answer, Object.values(config));
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      const outcome = error.fault === 'refused' || error.fault === 'redirect' ? 'dead' : 'retry';
      return { outcome, statusCode: null, reason: error.message, retryAfterMs: null };
    }
  }
}

function verdict(url: URL, answer: OutboundAnswer, settings: readonly unknown[]): Sent {
  const { status } = answer;
  const outcome = verdictOfStatus(status);
  if (outcome === 'delivered') return { outcome, statusCode: status, reason: null, retryAfterMs: null };
  const after = answer.headers['retry-after'];
  return {
    outcome,
    statusCode: status,
    reason: `${url.host} answered ${status}${wordsOf(url, answer, settings)}.${HINTS[status] ?? ''}`,
    retryAfterMs: outcome === 'retry' ? retryAfterMs(Array.isArray(after) ? after[0] : after, Date.now()) : null,
    ...(status === 410 && { gone: true }),
  };
}

const HINTS: Readonly<Record<number, string>> = {
  400: ' It did not understand the message, or does not know the key.',
  401: ' The key is not accepted: set a new one.',
  403: ' The key is not accepted any more: set a new one.',
  404: ' The address leads nowhere any more: make a new one there.',
  410: ' The address is gone for good, so the channel was switched off.',
  429: ' It asks us to be slower.',
};

/** The other side's own words, where it is known, and without what opens it. */
function wordsOf(url: URL, answer: OutboundAnswer, settings: readonly unknown[]): string {
  const known = KNOWN.includes(url.host) || KNOWN_BELOW.some((end) => url.host.endsWith(end));
  const said = known ? cut(oneLine(answer.body.toString('utf8')), 200) : '';
  const secrets = [...settings, url.pathname, ...url.pathname.split('/'), url.search].filter(
    (one): one is string => typeof one === 'string' && one.length >= 8,
  );
  const clean = secrets.reduce((text, one) => text.replaceAll(one, '…'), said);
  return clean ? `: ${clean}` : '';
}
