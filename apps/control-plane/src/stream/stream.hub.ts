import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { FLEET_CHANGES_CHANNEL } from '../actions/index.js';
import type { FleetChange } from '../actions/index.js';
import { AGENTS_CHANNEL, parseAgentNotice } from '../agents/index.js';
import { EVENTS_SEALED_CHANNEL } from '../events/index.js';
import { LIVE_CHANNEL } from '../metrics/index.js';
import { AppError, Log } from '../platform/index.js';
import { StreamChannel } from './stream.channel.js';
import { StreamQueries } from './stream.queries.js';
import { frame, placeOf } from './stream.subscriber.js';
import type { StreamSubscriber } from './stream.subscriber.js';

/** Readers of one tenant and of one replica at most. */
const MOST_OF_TENANT = 200;
const MOST = 2_000;
/** Changes of this time are read together. */
const COLLECT_MS = 100;
const HEARTBEAT_MS = 15_000;
/** A tenant without readers is remembered this long, so that a reader that lost its connection misses nothing. */
const REMEMBER_MS = 60_000;
/** Devices in one event: some 150 kB. */
const DEVICES_AT_ONCE = 500;
/** What shows how things stand. */
const STANDING = ['instance', 'action', 'agent', 'event'];
const MISSED = frame('reset', { reason: 'what came after your last event is not known here: load what you show anew' });

/**
 * Brings changes of the fleet to the event streams of this replica. Notifications only say what changed; it is read once
 * for all readers of a tenant, and only where there are readers.
 */
@Injectable()
export class StreamHub implements OnModuleInit, BeforeApplicationShutdown {
  private readonly channels = new Map<string, StreamChannel>();
  private readonly life = randomBytes(6).toString('hex');
  private readonly log: Log;
  private heartbeat: NodeJS.Timeout | undefined;
  private collecting: NodeJS.Timeout | undefined;
  private readingLive = false;
  private liveAgain = false;
  private stopped = false;

  constructor(
    private readonly db: Db,
    private readonly queries: StreamQueries,
    log: Log,
  ) {
    this.log = log.child('stream');
  }

  async onModuleInit(): Promise<void> {
    await this.db.listen(FLEET_CHANGES_CHANNEL, (payload) => this.changed(payload));
    await this.db.listen(AGENTS_CHANNEL, (payload) => void this.agentChanged(payload));
    await this.db.listen(EVENTS_SEALED_CHANNEL, (tenantId) => {
      const channel = this.channels.get(tenantId);
      if (channel) void this.pull(channel);
    });
    await this.db.listen(LIVE_CHANNEL, () => void this.liveChanged());
    this.db.onNotificationsLost(() => this.reset('changes may have been missed: load what you show anew'));
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS);
    this.heartbeat.unref();
  }

  beforeApplicationShutdown(): void {
    this.stopped = true;
    clearInterval(this.heartbeat);
    clearTimeout(this.collecting);
    for (const subscriber of this.subscribers()) subscriber.end('shutdown', 'this replica stops; connect again');
  }

  /** @throws AppError RATE_LIMIT when there are too many streams, SERVICE_UNAVAILABLE while stopping */
  mayJoin(tenantId: string): void {
    if (this.stopped) throw new AppError('SERVICE_UNAVAILABLE', 'This replica stops. Connect again.', undefined, 1);
    const mine = this.channels.get(tenantId)?.subscribers.size ?? 0;
    if (mine >= MOST_OF_TENANT || [...this.subscribers()].length >= MOST) {
      throw new AppError(
        'RATE_LIMIT',
        'Too many event streams are open. Close some, or connect again later.',
        undefined,
        30,
      );
    }
  }

  /** @param lastEventId where the reader stopped; null: it begins */
  async join(subscriber: StreamSubscriber, lastEventId: string | null): Promise<void> {
    const { tenantId } = subscriber;
    const place = lastEventId === null ? null : placeOf(lastEventId);
    try {
      const { oldest, newest } = await this.queries.logSpan(tenantId);
      if (subscriber.closed) return;
      const channel = this.channels.get(tenantId) ?? new StreamChannel(tenantId, this.life);
      this.channels.set(tenantId, channel);
      const logKept = place !== null && place.log >= oldest - 1 && place.log <= newest;
      subscriber.begin(logKept ? place.log : newest, channel.frameId, { heartbeat_seconds: HEARTBEAT_MS / 1000 });
      // how things stand is not in the log: who wants that must know whether something was missed
      const known = place !== null && channel.knows(place);
      if (lastEventId !== null && (!logKept || (!known && subscriber.wants(...STANDING)))) subscriber.write(MISSED);
      if (known) channel.replay(subscriber, place);
      channel.subscribers.add(subscriber);
      channel.emptySinceMs = null;
      await this.pull(channel);
    } catch (error) {
      this.log.warn({ err: error, tenantId }, 'an event stream could not begin');
      subscriber.end('error', 'the stream could not begin; connect again');
    }
  }

  private async pull(channel: StreamChannel): Promise<void> {
    await this.reading(
      () => channel.pull((sequence) => this.queries.logAfter(channel.tenantId, sequence)),
      channel,
      'the log could not be read; it is tried again',
    );
  }

  leave(subscriber: StreamSubscriber): void {
    const channel = this.channels.get(subscriber.tenantId);
    channel?.subscribers.delete(subscriber);
    if (channel && channel.subscribers.size === 0) channel.emptySinceMs = Date.now();
  }

  private changed(payload: string): void {
    const change = parseChange(payload);
    const channel = change && this.channels.get(change.tenant_id);
    if (!channel) return;
    if (change.kind === 'action') channel.actions.add(String(change.id));
    else if (change.kind === 'event') channel.events.add(String(change.id));
    else if (change.kind === 'alert') channel.alerts.add(Number(change.id));
    else channel.instances.add(Number(change.id));
    this.collecting ??= setTimeout(() => void this.collect(), COLLECT_MS);
  }

  private async collect(): Promise<void> {
    this.collecting = undefined;
    for (const channel of [...this.channels.values()]) {
      const [actions, instances, events] = [[...channel.actions], [...channel.instances], [...channel.events]];
      channel.actions.clear();
      channel.instances.clear();
      const alerts = [...channel.alerts];
      channel.events.clear();
      channel.alerts.clear();
      await this.reading(async () => {
        if (instances.length > 0) {
          for (const row of await this.queries.instances(channel.tenantId, instances))
            channel.send('instance', row, true);
        }
        if (alerts.length > 0) {
          for (const row of await this.queries.alerts(channel.tenantId, alerts)) channel.send('alert', row, true);
        }
        if (actions.length > 0) {
          for (const row of await this.queries.actions(channel.tenantId, actions)) channel.send('action', row, true);
        }
        if (events.length > 0) {
          for (const row of await this.queries.events(channel.tenantId, events)) channel.send('event', row, true);
        }
      }, channel);
    }
  }

  private async agentChanged(payload: string): Promise<void> {
    const notice = parseAgentNotice(payload);
    const channel = notice && this.channels.get(notice.tenantId);
    if (!channel) return;
    await this.reading(async () => {
      const row = await this.queries.agent(channel.tenantId, notice.agentId);
      if (row) channel.send('agent', { ...row, event: notice.event }, true);
    }, channel);
  }

  /** One reading at a time: values that come meanwhile are in the next one. */
  private async liveChanged(): Promise<void> {
    if (this.readingLive) return void (this.liveAgain = true);
    this.readingLive = true;
    for (const channel of [...this.channels.values()]) {
      if (channel.subscribers.size === 0) continue;
      await this.reading(async () => {
        const devices = await this.queries.live(channel.tenantId, channel.liveAt);
        for (let from = 0; from < devices.length; from += DEVICES_AT_ONCE) {
          channel.send('metrics', { devices: devices.slice(from, from + DEVICES_AT_ONCE) }, false);
        }
      }, channel);
    }
    this.readingLive = false;
    if (this.liveAgain) {
      this.liveAgain = false;
      await this.liveChanged();
    }
  }

  /** @param quietly nothing is lost by this failure; what to log */
  private async reading(work: () => Promise<void>, channel: StreamChannel, quietly?: string): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (quietly) return this.log.warn({ err: error, tenantId: channel.tenantId }, quietly);
      this.log.warn({ err: error, tenantId: channel.tenantId }, 'changes could not be read for the event streams');
      for (const subscriber of channel.subscribers) {
        subscriber.write(frame('reset', { reason: 'changes could not be read: load what you show anew' }));
      }
    }
  }

  private reset(reason: string): void {
    for (const subscriber of this.subscribers()) subscriber.write(frame('reset', { reason }));
  }

  private beat(): void {
    for (const subscriber of this.subscribers()) subscriber.write(': heartbeat\n\n');
    for (const [tenantId, channel] of this.channels) {
      void this.pull(channel); // a notification is a hint that may be lost
      if (channel.emptySinceMs !== null && Date.now() - channel.emptySinceMs > REMEMBER_MS)
        this.channels.delete(tenantId);
    }
  }

  private *subscribers(): Generator<StreamSubscriber> {
    for (const channel of this.channels.values()) yield* channel.subscribers;
  }
}

function parseChange(payload: string): FleetChange | null {
  try {
    const change = JSON.parse(payload) as FleetChange;
    return typeof change.tenant_id === 'string' ? change : null;
  } catch {
    return null;
  }
}
