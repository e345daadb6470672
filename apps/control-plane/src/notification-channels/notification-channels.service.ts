import { Injectable } from '@nestjs/common';
import type { ChannelType, CreateNotificationChannelBody, UpdateNotificationChannelBody } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { ReadTx, TenantRef, WriteTx } from '@flotilla/persistence';
import { AppError, notFound } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { ChannelSettings } from './channel-settings.js';
import { CHANNEL_COLUMNS, CHANNEL_FROM, DELIVERY_COLUMNS } from './channels.sql.js';
import type { ChannelRow, DeliveryRow } from './channels.sql.js';
import { NOTIFICATIONS_CHANNEL } from './notification-outbox.js';
import { assertTemplate } from './template-check.js';

/** Each alert without named channels looks at all of them. */
const MOST_CHANNELS = 200;

interface Kept {
  readonly name: string;
  readonly channel_type: ChannelType;
  readonly config: Record<string, unknown>;
  readonly sealed: Buffer | null;
  readonly enabled: boolean;
  readonly alert_types: string[];
  readonly min_priority: string;
  readonly digest_mode: string | null;
  readonly digest_interval_minutes: number | null;
  readonly template: object | null;
  readonly rate_per_minute: number;
}
type Options = Omit<Kept, 'channel_type' | 'config' | 'sealed'>;

/** Channels: made, changed and deleted. */
@Injectable()
export class NotificationChannelsService {
  constructor(
    private readonly db: Db,
    private readonly settings: ChannelSettings,
  ) {}

  /** @throws AppError VALIDATION_ERROR that names the field; CONFLICT for a taken name, or too many channels */
  async create(actor: RequestActor, body: CreateNotificationChannelBody): Promise<ChannelRow> {
    const { channel_type: type, config: given, ...options } = body;
    assertTemplate(options.template);
    return this.db.write(actor, async (tx) => {
      await assertRoom(tx, actor);
      await assertNameFree(tx, actor, options.name, null);
      const checked = this.settings.check(type, given, await emailDomainsOf(tx, actor));
      const { config, made } = this.settings.completed(type, checked);
      const row = await tx.row<{ id: number }>(INSERT, [actor.tenantId, ...valuesOf(options), type, actor.label]);
      const parts = await this.settings.parts(tx, actor.tenantId, row!.id, type, config);
      await tx.rows(CONFIGURE, [actor.tenantId, row!.id, parts.shown, parts.sealed]);
      const channel = await shown(tx, actor, row!.id);
      const details = { ...options, channel_type: type, config: channel.config };
      await tx.record('notification_channel.created', { type: 'notification_channel', id: channel.id }, details);
      return { ...channel, signing_secret: made };
    });
  }

  /** @throws AppError as `create`; NOT_FOUND */
  async update(actor: RequestActor, id: number, body: UpdateNotificationChannelBody): Promise<ChannelRow> {
    assertTemplate(body.template);
    return this.db.write(actor, async (tx) => {
      const before = await lock(tx, actor, id);
      const { config: given, ...rest } = body;
      const options = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
      const wanted = { ...before, ...options };
      if (wanted.name !== before.name) await assertNameFree(tx, actor, wanted.name, id);
      await tx.rows(UPDATE, [actor.tenantId, ...valuesOf(wanted), id]);
      if (given) await this.configure(tx, actor, id, before, given);
      if (before.enabled && !wanted.enabled) await tx.rows(GIVE_UP, [actor.tenantId, id]);
      const channel = await shown(tx, actor, id);
      const details = { ...options, ...(given && { config: channel.config }) };
      await tx.record('notification_channel.changed', { type: 'notification_channel', id }, details);
      await tx.notify(NOTIFICATIONS_CHANNEL, '');
      return channel;
    });
  }

  /** With what waits for it, which is counted in the audit. @throws AppError NOT_FOUND */
  async remove(actor: RequestActor, id: number): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const { name, channel_type } = await lock(tx, actor, id);
      const open = await tx.row<{ count: number }>(OPEN, [actor.tenantId, id]);
      await tx.rows('DELETE FROM flotilla.notification_channels WHERE tenant_id = $1 AND id = $2', [
        actor.tenantId,
        id,
      ]);
      const details = { name, channel_type, messages_not_told: open!.count };
      await tx.record('notification_channel.deleted', { type: 'notification_channel', id }, details);
    });
  }

  /**
   * Sends what was delivered or given up once more, with the same message id.
   *
   * @throws AppError NOT_FOUND; CONFLICT while it is on its way, or when a digest told it
   */
  async redeliver(actor: RequestActor, id: number, deliveryId: number): Promise<DeliveryRow> {
    return this.db.write(actor, async (tx) => {
      const { enabled } = await lock(tx, actor, id);
      const place = [actor.tenantId, id, deliveryId];
      const kept = await tx.row<{ state: string; digest_id: number | null }>(DELIVERY, place);
      if (!kept) throw notFound('delivery', deliveryId);
      if (!enabled)
        throw new AppError('CONFLICT', 'The channel is off; enable it first.', { field: 'enabled', value: false });
      if (kept.state !== 'dead' && kept.state !== 'sent') {
        const because =
          kept.digest_id === null
            ? 'It is on its way already.'
            : `Delivery ${kept.digest_id} tells it with others; redeliver that one.`;
        throw new AppError('CONFLICT', because, { field: 'status', value: kept.state });
      }
      await tx.rows(REDELIVER, place);
      await tx.record('notification.redelivered', { type: 'notification_channel', id }, { delivery_id: deliveryId });
      await tx.notify(NOTIFICATIONS_CHANNEL, '');
      const row = await tx.row<DeliveryRow>(
        `SELECT ${DELIVERY_COLUMNS} FROM flotilla.notification_outbox o WHERE o.tenant_id = $1 AND o.channel_id = $2 AND o.id = $3`,
        place,
      );
      return row!;
    });
  }

  /** New settings are tried at once: what was learnt of the old ones counts no more. */
  private async configure(tx: WriteTx, actor: RequestActor, id: number, before: Kept, given: Record<string, unknown>) {
    const kept = await this.settings.whole(tx, actor.tenantId, id, before.config, before.sealed);
    const config = this.settings.check(before.channel_type, given, await emailDomainsOf(tx, actor), kept);
    const parts = await this.settings.parts(tx, actor.tenantId, id, before.channel_type, config);
    await tx.rows(CONFIGURE, [actor.tenantId, id, parts.shown, parts.sealed]);
    await tx.rows(FRESH, [actor.tenantId, id]);
  }
}

async function lock(tx: WriteTx, actor: TenantRef, id: number): Promise<Kept> {
  const row = await tx.row<Kept & Record<string, unknown>>(
    'SELECT c.* FROM flotilla.notification_channels c WHERE c.tenant_id = $1 AND c.id = $2 FOR UPDATE',
    [actor.tenantId, id],
  );
  if (!row) throw notFound('notification channel', id);
  return row;
}

export async function emailDomainsOf(tx: ReadTx, { tenantId }: TenantRef): Promise<string[] | null> {
  const row = await tx.row<{ email_domains: string[] | null }>(
    'SELECT p.email_domains FROM flotilla.notification_policies p WHERE p.tenant_id = $1',
    [tenantId],
  );
  return row?.email_domains ?? null;
}

async function shown(tx: WriteTx, actor: TenantRef, id: number): Promise<ChannelRow> {
  const row = await tx.row<ChannelRow>(
    `SELECT ${CHANNEL_COLUMNS} FROM ${CHANNEL_FROM} WHERE c.tenant_id = $1 AND c.id = $2`,
    [actor.tenantId, id],
  );
  return row!;
}

async function assertRoom(tx: WriteTx, actor: TenantRef): Promise<void> {
  const row = await tx.row<{ count: number }>(
    'SELECT count(*) AS count FROM flotilla.notification_channels c WHERE c.tenant_id = $1',
    [actor.tenantId],
  );
  if (row!.count < MOST_CHANNELS) return;
  throw new AppError(
    'CONFLICT',
    `There are ${MOST_CHANNELS} channels already, the most there can be. Delete one that nobody reads.`,
  );
}

async function assertNameFree(tx: WriteTx, actor: TenantRef, name: string, except: number | null): Promise<void> {
  const taken = await tx.rows(
    'SELECT 1 FROM flotilla.notification_channels c WHERE c.tenant_id = $1 AND c.name = $2 AND c.id IS DISTINCT FROM $3::bigint',
    [actor.tenantId, name, except],
  );
  if (taken.length === 0) return;
  throw new AppError('CONFLICT', `There is a channel called ${name} already.`, { field: 'name', value: name });
}

/** In the order of COLUMNS. */
const valuesOf = (options: Options): unknown[] => [
  options.name,
  options.enabled,
  options.alert_types,
  options.min_priority,
  options.digest_mode,
  options.digest_interval_minutes,
  options.template === null ? null : JSON.stringify(options.template),
  options.rate_per_minute,
];

const COLUMNS =
  'name, enabled, alert_types, min_priority, digest_mode, digest_interval_minutes, template, rate_per_minute';
const INSERT = `
  INSERT INTO flotilla.notification_channels (tenant_id, ${COLUMNS}, channel_type, config, created_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '{}', $11) RETURNING id`;
const UPDATE = `
  UPDATE flotilla.notification_channels SET (${COLUMNS}, updated_at) = ($2, $3, $4, $5, $6, $7, $8, $9, now())
   WHERE tenant_id = $1 AND id = $10`;
const CONFIGURE = `
  UPDATE flotilla.notification_channels SET config = $3, sealed = $4, updated_at = now() WHERE tenant_id = $1 AND id = $2`;
const FRESH = `
  UPDATE flotilla.notification_channel_states
     SET failures_in_a_row = 0, failing_since = NULL, unhealthy_since = NULL, blocked_until = NULL, last_success_at = NULL
   WHERE tenant_id = $1 AND channel_id = $2`;
const OPEN = `
  SELECT count(*) AS count FROM flotilla.notification_outbox o
   WHERE o.tenant_id = $1 AND o.channel_id = $2 AND o.state IN ('pending', 'waiting', 'held', 'sending')`;
// alerts of today must not arrive when somebody switches the channel on again in a month
const GIVE_UP = `
  UPDATE flotilla.notification_outbox
     SET state = 'dead', settled_at = now(), last_error = 'The channel was switched off before it was told.'
   WHERE tenant_id = $1 AND channel_id = $2 AND state IN ('pending', 'waiting', 'held')`;
const DELIVERY = `
  SELECT o.state, o.digest_id FROM flotilla.notification_outbox o
   WHERE o.tenant_id = $1 AND o.channel_id = $2 AND o.id = $3 FOR UPDATE`;
const REDELIVER = `
  UPDATE flotilla.notification_outbox
     SET state = 'pending', due_at = now(), settled_at = NULL, last_error = NULL, trying_since = now()
   WHERE tenant_id = $1 AND channel_id = $2 AND id = $3`;
