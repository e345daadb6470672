import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import {
  Id,
  NotificationDelivery,
  NotificationDeliveryQuery,
  NotificationTest,
  TestNotificationChannelBody,
} from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { ChannelTestService } from './channel-test.service.js';
import { NotificationChannelsQueries } from './notification-channels.queries.js';
import { NotificationChannelsService } from './notification-channels.service.js';

const SAID =
  'Waits for the answer and tells it in our own words; what an unknown host wrote is not shown. A refusal is an answer too: look at `delivered`.';

@Controller(['notification-channels', 'notifications/channels'])
export class NotificationDeliveriesController {
  constructor(
    private readonly queries: NotificationChannelsQueries,
    private readonly channels: NotificationChannelsService,
    private readonly tests: ChannelTestService,
  ) {}

  @Route({
    summary: 'Send a test to a saved channel, or to one that is not saved yet',
    description: SAID,
    access: 'admin',
    rateClass: 'bulk',
    response: one(NotificationTest),
    errors: [404],
  })
  @Post('test')
  test(
    @CurrentActor() actor: RequestActor,
    @Body({ schema: TestNotificationChannelBody }) body: TestNotificationChannelBody,
  ) {
    return this.tests.test(actor, body);
  }

  @Route({
    summary: 'Send a test to a channel',
    description: SAID,
    access: 'admin',
    rateClass: 'bulk',
    response: one(NotificationTest),
    errors: [404],
  })
  @Post(':id/test')
  testOne(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    return this.tests.testSaved(actor, id);
  }

  @Route({
    summary: 'What was told to a channel and what waits for it, newest first, with every attempt',
    access: 'viewer',
    response: list(NotificationDelivery),
    errors: [404],
  })
  @Get(':id/deliveries')
  deliveries(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Query({ schema: NotificationDeliveryQuery }) query: NotificationDeliveryQuery,
  ) {
    return this.queries.deliveries(actor, id, query);
  }

  @Route({
    summary: 'Send once more what was given up or delivered, with the same message id',
    access: 'operator',
    status: 202,
    response: one(NotificationDelivery),
    errors: [404, 409],
  })
  @Post(':id/deliveries/:deliveryId/redeliver')
  redeliver(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Param('deliveryId', { schema: Id }) deliveryId: number,
  ) {
    return this.channels.redeliver(actor, id, deliveryId);
  }
}
