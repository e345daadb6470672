import { Injectable } from '@nestjs/common';
import type { NotificationChannelQuery, NotificationDeliveryQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, notFound, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';
import { CHANNEL_COLUMNS, CHANNEL_FROM, DELIVERY_COLUMNS, stateOf } from './channels.sql.js';
import type { ChannelRow, DeliveryRow } from './channels.sql.js';

const SCOPE = 'notification-channels:id';
const DELIVERIES = 'notification-deliveries:-id';
const Place = z.tuple([z.int()]);

/** Channels, and what was told there. */
@Injectable()
export class NotificationChannelsQueries {
  constructor(private readonly db: Db) {}

  async list(actor: TenantRef, query: NotificationChannelQuery): Promise<Page<ChannelRow>> {
    const { offset, limit } = pageWindow(query);
    const after = query.cursor === undefined ? null : decodeCursor(actor, SCOPE, query.cursor, Place)[0];
    const filter = [actor.tenantId, query.channel_type ?? null, query.enabled ?? null];
    return this.db.read(actor, async (tx) => {
      const counted = await tx.row<{ total: number }>(
        `SELECT count(*) AS total FROM flotilla.notification_channels c WHERE ${WHERE}`,
        filter,
      );
      const rows = await tx.rows<ChannelRow>(
        `SELECT ${CHANNEL_COLUMNS} FROM ${CHANNEL_FROM}
          WHERE ${WHERE} AND ($4::bigint IS NULL OR c.id > $4) ORDER BY c.id LIMIT $5 OFFSET $6`,
        [...filter, after, limit + 1, offset],
      );
      return pageOf(rows, query, counted!.total, (last) => encodeCursor(actor, SCOPE, [last.id]));
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(actor: TenantRef, id: number): Promise<ChannelRow> {
    const row = await this.db.read(actor, (tx) =>
      tx.row<ChannelRow>(`SELECT ${CHANNEL_COLUMNS} FROM ${CHANNEL_FROM} WHERE c.tenant_id = $1 AND c.id = $2`, [
        actor.tenantId,
        id,
      ]),
    );
    if (!row) throw notFound('notification channel', id);
    return row;
  }

  /** Newest first. @throws AppError NOT_FOUND for the channel */
  async deliveries(actor: TenantRef, id: number, query: NotificationDeliveryQuery): Promise<Page<DeliveryRow>> {
    const { offset, limit } = pageWindow(query);
    const before = query.cursor === undefined ? null : decodeCursor(actor, DELIVERIES, query.cursor, Place)[0];
    const state = query.status === undefined ? null : stateOf(query.status);
    const filter = [actor.tenantId, id, state, query.alert_id ?? null];
    return this.db.read(actor, async (tx) => {
      const channel = await tx.rows(
        'SELECT 1 FROM flotilla.notification_channels c WHERE c.tenant_id = $1 AND c.id = $2',
        [actor.tenantId, id],
      );
      if (channel.length === 0) throw notFound('notification channel', id);
      const counted = await tx.row<{ total: number }>(
        `SELECT count(*) AS total FROM flotilla.notification_outbox o WHERE ${TOLD}`,
        filter,
      );
      const rows = await tx.rows<DeliveryRow>(
        `SELECT ${DELIVERY_COLUMNS} FROM flotilla.notification_outbox o
          WHERE ${TOLD} AND ($5::bigint IS NULL OR o.id < $5) ORDER BY o.id DESC LIMIT $6 OFFSET $7`,
        [...filter, before, limit + 1, offset],
      );
      return pageOf(rows, query, counted!.total, (last) => encodeCursor(actor, DELIVERIES, [last.id]));
    });
  }
}

const WHERE = `c.tenant_id = $1 AND ($2::text IS NULL OR c.channel_type = $2) AND ($3::boolean IS NULL OR c.enabled = $3)`;
const TOLD = `o.tenant_id = $1 AND o.channel_id = $2 AND ($3::text IS NULL OR o.state = $3) AND ($4::bigint IS NULL OR o.alert_id = $4)`;
