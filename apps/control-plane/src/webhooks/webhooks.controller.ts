import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import {
  CreateWebhookBody,
  Done,
  Id,
  IssuedWebhook,
  RotateWebhookSecretBody,
  UpdateWebhookBody,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryDetails,
  WebhookDeliveryQuery,
  WebhookQuery,
} from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { WebhookTest } from './webhook-test.js';
import { WebhooksQueries } from './webhooks.queries.js';
import { WebhooksService } from './webhooks.service.js';

@Controller('webhooks')
export class WebhooksController {
  constructor(
    private readonly queries: WebhooksQueries,
    private readonly webhooks: WebhooksService,
    private readonly tests: WebhookTest,
  ) {}

  @Route({ summary: 'List webhooks', access: 'admin', response: list(Webhook) })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: WebhookQuery }) query: WebhookQuery) {
    return this.queries.list(actor, query);
  }

  @Route({
    summary: 'Make a webhook',
    description:
      'Events from now on are sent by POST, each as GET /events shows it, signed as X-Flotilla-Signature and as Standard Webhooks. Answer 2xx within 15 seconds. Anything else is tried again for about a day; 410 turns the webhook off. The secret is shown in this answer and never again.',
    access: 'admin',
    status: 201,
    response: one(IssuedWebhook),
    secrets: ['secret'],
  })
  @Post()
  async create(@CurrentActor() actor: RequestActor, @Body({ schema: CreateWebhookBody }) body: CreateWebhookBody) {
    const { id, secret } = await this.webhooks.create(actor, body);
    return { ...(await this.queries.get(actor, id)), secret };
  }

  @Route({ summary: 'One webhook', access: 'admin', response: one(Webhook), errors: [404] })
  @Get(':id')
  findOne(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Change a webhook, turn it off and on',
    description: 'A webhook that is turned on again goes on where it stopped; with skip_missed it begins now.',
    access: 'admin',
    response: one(Webhook),
    errors: [404],
  })
  @Patch(':id')
  async update(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Body({ schema: UpdateWebhookBody }) body: UpdateWebhookBody,
  ) {
    await this.webhooks.update(actor, id, body);
    return this.queries.get(actor, id);
  }

  @Route({ summary: 'Delete a webhook and its deliveries', access: 'admin', response: one(Done), errors: [404] })
  @Delete(':id')
  async remove(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    await this.webhooks.remove(actor, id);
    return { done: true } as const;
  }

  @Route({
    summary: 'Give a webhook a new secret',
    description: 'Until the overlap is over, webhook-signature carries a signature of each secret.',
    access: 'admin',
    response: one(IssuedWebhook),
    errors: [404],
    secrets: ['secret'],
  })
  @Post(':id/rotate-secret')
  async rotate(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Body({ schema: RotateWebhookSecretBody }) body: RotateWebhookSecretBody,
  ) {
    const { secret } = await this.webhooks.rotate(actor, id, body);
    return { ...(await this.queries.get(actor, id)), secret };
  }

  @Route({
    summary: 'Send a test now, and tell what came of it',
    description: 'One attempt, signed like any other; its type is webhook.test.',
    access: 'admin',
    response: one(WebhookDelivery),
    errors: [404],
  })
  @Post(':id/test')
  async test(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    return this.queries.delivery(actor, id, await this.tests.run(actor, id));
  }

  @Route({
    summary: 'What was sent and waits to be sent, newest first',
    description: 'Kept for 30 days.',
    access: 'admin',
    response: list(WebhookDelivery),
    errors: [404],
  })
  @Get(':id/deliveries')
  deliveries(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Query({ schema: WebhookDeliveryQuery }) query: WebhookDeliveryQuery,
  ) {
    return this.queries.deliveries(actor, id, query);
  }

  @Route({
    summary: 'One delivery with what is posted',
    description: 'What a receiver answers beyond its status is never kept.',
    access: 'admin',
    response: one(WebhookDeliveryDetails),
    errors: [404],
  })
  @Get(':id/deliveries/:deliveryId')
  delivery(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Param('deliveryId', { schema: Id }) deliveryId: number,
  ) {
    return this.queries.deliveryDetails(actor, id, deliveryId);
  }

  @Route({
    summary: 'Send an event once more',
    description: 'Under its old id, so that a receiver that has it already can tell.',
    access: 'admin',
    status: 202,
    response: one(WebhookDelivery),
    errors: [404, 409],
  })
  @Post(':id/deliveries/:deliveryId/redeliver')
  async redeliver(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Param('deliveryId', { schema: Id }) deliveryId: number,
  ) {
    return this.queries.delivery(actor, id, await this.webhooks.redeliver(actor, id, deliveryId));
  }
}
