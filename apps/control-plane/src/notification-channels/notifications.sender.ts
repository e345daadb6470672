import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { CONFIG, Jobs, Log, TenantSecrets, UnsealError } from '../platform/index.js';
import type { Config } from '../platform/index.js';
import { ChannelPosts } from './channel-posts.js';
import type { ChannelTarget } from './channel-posts.js';
import type { Sent } from './http-request.js';
import { NotificationOutbox, NOTIFICATIONS_CHANNEL } from './notification-outbox.js';
import { claim } from './sending/claim.js';
import type { Claimed } from './sending/claim.js';
import { messageOf } from './sending/message-of.js';
import { formDigests, release, takeBack } from './sending/prepare.js';
import { settle } from './sending/settle.js';

const EVERY_MS = 1_000;
const MOST_AT_ONCE = 32;
const KEEP_DAYS = 30;
const FORGET_EVERY_MS = 3_600_000;
const SHUTDOWN_WAIT_MS = 12_000;

/** What one replica is sending. */
interface Sending extends Claimed {
  /** null: its secrets cannot be opened; `problem` says why. */
  readonly target: ChannelTarget | null;
  readonly problem: string | null;
}

/**
 * Empties the outbox. Every replica does; leases and row locks let each message be one's. Woken by NOTIFY at the commit of
 * what is told, and once a second for what time makes due.
 */
@Injectable()
export class NotificationsSender implements OnModuleInit, OnApplicationShutdown {
  private readonly log: Log;
  private readonly inFlight = new Map<Promise<void>, Claimed>();
  private pumping: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private unlisten: (() => void) | undefined;

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    private readonly posts: ChannelPosts,
    private readonly outbox: NotificationOutbox,
    private readonly secrets: TenantSecrets,
    @Inject(CONFIG) private readonly config: Config,
    log: Log,
  ) {
    this.log = log.child('notifications');
  }

  async onModuleInit(): Promise<void> {
    this.jobs.every({
      name: 'notifications.send',
      everyMs: EVERY_MS,
      exclusive: false,
      run: async () => {
        await this.prepare();
        await this.pump();
      },
    });
    this.jobs.every({
      name: 'notifications.forget',
      everyMs: FORGET_EVERY_MS,
      exclusive: true,
      run: () => this.db.system((tx) => tx.rows(FORGET)).then(() => undefined),
    });
    const wake = () =>
      void this.pump().catch((error: unknown) => this.log.warn({ err: error }, 'the outbox was not read'));
    this.unlisten = await this.db.listen(NOTIFICATIONS_CHANNEL, wake);
    this.db.onNotificationsLost(wake);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.unlisten?.();
    let limit: NodeJS.Timeout | undefined;
    const waited = new Promise<void>((resolve) => (limit = setTimeout(resolve, SHUTDOWN_WAIT_MS)));
    await Promise.race([Promise.allSettled([this.pumping, ...this.inFlight.keys()]), waited]);
    clearTimeout(limit);
  }

  private prepare(): Promise<number> {
    return this.db.system(async (tx) => {
      const nowMs = (await tx.row<{ ms: number }>(
        'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms',
      ))!.ms;
      return (await takeBack(tx)) + (await release(tx, nowMs)) + (await formDigests(tx, nowMs));
    });
  }

  /** Starts sending what is due, as much as there is room for. Calls while it runs make it look once more. */
  private async pump(): Promise<void> {
    if (this.pumping) {
      this.again = true;
      return this.pumping;
    }
    this.pumping = (async () => {
      do {
        this.again = false;
        for (let more = true; more && !this.stopped;) more = await this.round();
      } while (this.again && !this.stopped);
    })().finally(() => (this.pumping = undefined));
    return this.pumping;
  }

  /** @returns whether there may be more to send at once */
  private async round(): Promise<boolean> {
    const free = MOST_AT_ONCE - this.inFlight.size;
    if (free <= 0) return false; // what ends makes room and pumps
    const { sending, held } = await this.db.system(async (tx) => {
      const taken = await claim(tx, this.config.replicaId, { free, ...this.busy() });
      const opened: Sending[] = [];
      for (const one of taken.claimed) opened.push({ ...one, ...(await this.open(tx, one)) });
      return { sending: opened, held: taken.held };
    });
    for (const one of sending) {
      const work: Promise<void> = this.deliver(one)
        .catch((error: unknown) =>
          this.log.error({ err: error }, 'what came of a notification was not written down; it is sent again'),
        )
        .finally(() => {
          this.inFlight.delete(work);
          void this.pump().catch((error: unknown) => this.log.warn({ err: error }, 'the outbox was not read'));
        });
      this.inFlight.set(work, one);
    }
    return sending.length > 0 || held > 0;
  }

  private busy() {
    const ofChannel = new Map<number, number>();
    const ofTenant = new Map<string, number>();
    for (const { channel } of this.inFlight.values()) {
      ofChannel.set(channel.channel_id, (ofChannel.get(channel.channel_id) ?? 0) + 1);
      ofTenant.set(channel.tenant_id, (ofTenant.get(channel.tenant_id) ?? 0) + 1);
    }
    return { ofChannel, ofTenant };
  }

  /** The settings whole. A secret that does not open is the message's failure and never the sender's. */
  private async open(
    tx: Parameters<TenantSecrets['unseal']>[0],
    { channel }: Claimed,
  ): Promise<Pick<Sending, 'target' | 'problem'>> {
    const place = { tenantId: channel.tenant_id, table: 'notification_channels', id: channel.channel_id };
    try {
      const secrets = channel.sealed
        ? (JSON.parse(await this.secrets.unseal(tx, place, channel.sealed)) as object)
        : {};
      const config = { ...channel.config, ...secrets };
      return {
        target: { type: channel.channel_type, config, emailDomains: channel.email_domains } as ChannelTarget,
        problem: null,
      };
    } catch (error) {
      if (!(error instanceof UnsealError)) throw error;
      this.log.error({ err: error, channel: channel.channel_id }, "a channel's secrets do not open");
      const problem = "The channel's secrets cannot be opened with this installation's master key: set them anew.";
      return { target: null, problem };
    }
  }

  private async deliver(one: Sending): Promise<void> {
    const startedAt = new Date();
    const began = performance.now();
    const sent = await this.tell(one);
    const attempt = { startedAt, durationMs: Math.round(performance.now() - began), replicaId: this.config.replicaId };
    await this.db.system((tx) => settle(tx, this.outbox, one, sent, attempt));
  }

  private async tell({ target, problem, channel, row }: Sending): Promise<Sent> {
    if (!target) return { outcome: 'dead', statusCode: null, reason: problem, retryAfterMs: null };
    try {
      return await this.posts.send(target, messageOf(channel, row, this.config.publicUrl));
    } catch (error) {
      // a bug of ours: the message waits for its mend, and the log says what it is
      this.log.error({ err: error, channel: channel.channel_id }, 'a notification could not be made');
      return {
        outcome: 'retry',
        statusCode: null,
        reason: 'The message could not be made; the log says why.',
        retryAfterMs: null,
      };
    }
  }
}

const FORGET = `
  DELETE FROM flotilla.notification_outbox o
   WHERE o.settled_at < now() - interval '${KEEP_DAYS} days' AND o.state IN ('sent', 'digested', 'dead')`;
