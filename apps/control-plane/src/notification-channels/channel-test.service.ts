import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { ChannelType, NotificationTest, TestNotificationChannelBody } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { z } from 'zod';
import { AppError, notFound } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { ChannelPosts } from './channel-posts.js';
import type { ChannelTarget } from './channel-posts.js';
import { ChannelSettings } from './channel-settings.js';
import type { Sent } from './http-request.js';
import { emailDomainsOf } from './notification-channels.service.js';
import { testMessage } from './sending/message-of.js';

type Result = z.infer<typeof NotificationTest>;

/** Sends a test message now, past the outbox: whoever asks waits for what the other side says. */
@Injectable()
export class ChannelTestService {
  constructor(
    private readonly db: Db,
    private readonly settings: ChannelSettings,
    private readonly posts: ChannelPosts,
  ) {}

  /** @throws AppError NOT_FOUND; VALIDATION_ERROR for settings that cannot be */
  async test(actor: RequestActor, body: TestNotificationChannelBody): Promise<Result> {
    if (body.channel_id !== undefined) return this.testSaved(actor, body.channel_id);
    const { channel_type: type, config: given } = body;
    if (type === undefined || given === undefined) {
      const field = type === undefined ? 'channel_type' : 'config';
      throw new AppError(
        'VALIDATION_ERROR',
        `${field}: needed beside ${type === undefined ? 'config' : 'channel_type'}, or channel_id alone.`,
        {
          field,
          expected: 'channel_id, or channel_type with config',
        },
      );
    }
    const emailDomains = await this.db.read(actor, (tx) => emailDomainsOf(tx, actor));
    const { config } = this.settings.completed(type, this.settings.check(type, given, emailDomains));
    const result = await this.send(actor, body.name ?? type, { type, config, emailDomains } as ChannelTarget);
    await this.record(actor, null, type, result);
    return result;
  }

  /** @throws AppError NOT_FOUND */
  async testSaved(actor: RequestActor, id: number): Promise<Result> {
    const { name, target } = await this.db.read(actor, async (tx) => {
      const row = await tx.row<{
        name: string;
        channel_type: ChannelType;
        config: Record<string, unknown>;
        sealed: Buffer | null;
      }>(
        'SELECT c.name, c.channel_type, c.config, c.sealed FROM flotilla.notification_channels c WHERE c.tenant_id = $1 AND c.id = $2',
        [actor.tenantId, id],
      );
      if (!row) throw notFound('notification channel', id);
      const config = await this.settings.whole(tx, actor.tenantId, id, row.config, row.sealed);
      const emailDomains = await emailDomainsOf(tx, actor);
      return { name: row.name, target: { type: row.channel_type, config, emailDomains } as ChannelTarget };
    });
    const result = await this.send(actor, name, target);
    await this.record(actor, id, target.type, result);
    return result;
  }

  /** Incident tools are told the end of the test too, so that nobody is woken for it twice. */
  private async send(actor: RequestActor, name: string, target: ChannelTarget): Promise<Result> {
    const began = performance.now();
    const message = (kind: 'test' | 'resolve') => testMessage(actor.tenantId, name, kind, randomUUID(), new Date());
    let sent = await this.posts.send(target, message('test'));
    if (sent.outcome === 'delivered' && (target.type === 'pagerduty' || target.type === 'opsgenie')) {
      sent = await this.posts.send(target, message('resolve'));
    }
    return { ...wordsOf(sent), duration_ms: Math.round(performance.now() - began) };
  }

  private async record(actor: RequestActor, id: number | null, type: string, result: Result): Promise<void> {
    const { delivered, status_code, message } = result;
    await this.db.write(actor, async (tx) => {
      if (id !== null && delivered) await tx.rows(WORKS, [actor.tenantId, id]);
      const subject = id === null ? null : { type: 'notification_channel', id };
      await tx.record('notification_channel.tested', subject, { channel_type: type, delivered, status_code, message });
    });
  }
}

function wordsOf({ outcome, statusCode, reason }: Sent): Omit<Result, 'duration_ms'> {
  const delivered = outcome === 'delivered';
  const message = delivered ? `The other side took it.${reason ? ` ${reason}` : ''}` : (reason ?? 'It was not taken.');
  return { delivered, status_code: statusCode, message };
}

const WORKS = `
  UPDATE flotilla.notification_channel_states
     SET failures_in_a_row = 0, failing_since = NULL, unhealthy_since = NULL, blocked_until = NULL, last_success_at = clock_timestamp()
   WHERE tenant_id = $1 AND channel_id = $2`;
