import { systemActor } from '@flotilla/persistence';
import { NotificationOutbox } from '../../apps/control-plane/src/notification-channels/index.js';
import type { Notice } from '../../apps/control-plane/src/notification-channels/index.js';
import { startTestApp } from './app.js';
import type { TestApp } from './app.js';
import { FakeReceivers } from './fake-receivers/index.js';

type Config = Parameters<typeof startTestApp>[0] & object;

/** A control plane beside fake receivers that it may reach. */
export class NotificationStage {
  private constructor(
    readonly app: TestApp,
    readonly receivers: FakeReceivers,
    readonly admin: string,
  ) {}

  static async start(options: Config = {}): Promise<NotificationStage> {
    const receivers = await FakeReceivers.start();
    const app = await startTestApp({
      ...options,
      config: { outboundAllow: ['127.0.0.0/8'], publicUrl: 'https://flotilla.example.com', ...options.config },
    });
    return new NotificationStage(app, receivers, await app.login('admin'));
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.receivers.close();
  }

  /** Settings of a channel of a type at the fake receivers. */
  config(type: string): Record<string, unknown> {
    const { url } = this.receivers;
    switch (type) {
      case 'slack':
        return { webhook_url: `${url}/services/T0001/B0001/SlackSecret0001` };
      case 'pagerduty':
        return { routing_key: 'PagerDutySecret0001', api_url: url };
      case 'opsgenie':
        return { api_key: 'OpsgenieSecret0001', api_url: url };
      case 'teams':
        return { webhook_url: `${url}/workflows/TeamsSecret0001` };
      case 'discord':
        return { webhook_url: `${url}/api/webhooks/1/DiscordSecret0001` };
      case 'webhook':
        return { url: `${url}/hook`, secret: 'WebhookSecret0001WebhookSecret0001' };
      default:
        throw new Error(`no settings for ${type}`);
    }
  }

  /** Makes a channel. @returns it, as the API answers */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are looked into
  async channel(type: string, more: Record<string, unknown> = {}, as = this.admin): Promise<any> {
    const body = {
      name: `${type} ${Math.random()}`,
      channel_type: type,
      config: more['config'] ?? this.config(type),
      ...more,
    };
    const answer = await this.app.call('POST', '/api/notification-channels', { as, body });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body.data;
  }

  notice(more: Partial<Notice> = {}): Notice {
    return {
      tenantId: this.app.tenantId,
      kind: 'trigger',
      alertId: 17,
      alertType: 'gpu_idle',
      ruleName: 'Idle GPUs',
      severity: 'high',
      dedupKey: 'alert:17',
      title: 'gpu-node-1 is idle',
      text: 'Idle for 45 minutes.',
      fields: [['GPU utilisation', '0 %']],
      link: '/alerts/17',
      channelIds: null,
      at: new Date('2026-11-22T10:15:30.000Z'),
      simulated: false,
      ...more,
    };
  }

  async tell(...notices: Partial<Notice>[]): Promise<void> {
    await this.app.db.write(systemActor(this.app.tenantId, 'test'), (tx) => {
      tx.withoutAudit('test');
      return new NotificationOutbox().addAll(
        tx,
        notices.map((one) => this.notice(one)),
      );
    });
  }

  /** Makes what is left of a wait be over: the clock of the database is nobody's to set. */
  async passTime(): Promise<void> {
    await this.app.db.system(async (tx) => {
      await tx.rows(`UPDATE flotilla.notification_outbox SET due_at = now() WHERE state IN ('pending', 'waiting')`);
      await tx.rows('UPDATE flotilla.notification_channel_states SET blocked_until = NULL');
    });
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are looked into
  async deliveries(channelId: number, query = ''): Promise<any[]> {
    const answer = await this.app.call('GET', `/api/notification-channels/${channelId}/deliveries${query}`, {
      as: this.admin,
    });
    return answer.body.data;
  }

  /** No channel, no policy, nothing told. */
  async clear(): Promise<void> {
    await this.app.db.system(async (tx) => {
      await tx.rows('DELETE FROM flotilla.notification_channels');
      await tx.rows('DELETE FROM flotilla.notification_policies');
    });
    this.receivers.said.length = 0;
    this.receivers.faults.length = 0;
    this.receivers.always = undefined;
  }
}
