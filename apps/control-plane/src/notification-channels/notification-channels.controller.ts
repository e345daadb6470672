import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import {
  CreateNotificationChannelBody,
  Done,
  Id,
  NotificationChannel,
  NotificationChannelQuery,
  UpdateNotificationChannelBody,
} from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { NotificationChannelsQueries } from './notification-channels.queries.js';
import { NotificationChannelsService } from './notification-channels.service.js';

@Controller(['notification-channels', 'notifications/channels'])
export class NotificationChannelsController {
  constructor(
    private readonly queries: NotificationChannelsQueries,
    private readonly channels: NotificationChannelsService,
  ) {}

  @Route({
    summary: 'Where notifications go, and whether they arrive',
    access: 'viewer',
    response: list(NotificationChannel),
  })
  @Get()
  findAll(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: NotificationChannelQuery }) query: NotificationChannelQuery,
  ) {
    return this.queries.list(actor, query);
  }

  @Route({ summary: 'One channel', access: 'viewer', response: one(NotificationChannel), errors: [404] })
  @Get(':id')
  findOne(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Make a channel',
    description:
      'Secrets are sealed and never come back. The secret of a webhook that was given none is shown here once.',
    access: 'admin',
    status: 201,
    response: one(NotificationChannel),
    secrets: ['signing_secret'],
    errors: [409],
  })
  @Post()
  create(
    @CurrentActor() actor: RequestActor,
    @Body({ schema: CreateNotificationChannelBody }) body: CreateNotificationChannelBody,
  ) {
    return this.channels.create(actor, body);
  }

  @Route({
    summary: 'Change a channel',
    description:
      'Fields that are left out stay as they are, also those of config. A channel that is switched off gives up what waits for it.',
    access: 'admin',
    response: one(NotificationChannel),
    errors: [404, 409],
  })
  @Patch(':id')
  update(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Body({ schema: UpdateNotificationChannelBody }) body: UpdateNotificationChannelBody,
  ) {
    return this.channels.update(actor, id, body);
  }

  @Route({
    summary: 'Delete a channel, with what waits for it',
    access: 'admin',
    response: one(Done),
    errors: [404],
  })
  @Delete(':id')
  async remove(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    await this.channels.remove(actor, id);
    return { done: true } as const;
  }
}
