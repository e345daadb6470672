import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import {
  Alert,
  AlertCommentBody,
  AlertDetail,
  AlertQuery,
  AlertSummary,
  BulkAlerts,
  BulkAlertsBody,
  Id,
} from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { AlertsQueries } from './alerts.queries.js';
import { AlertsService } from './alerts.service.js';

const OVER = 'Safe to repeat. 409 when the alert is over or a person decided otherwise before.';

@Controller('alerts')
export class AlertsController {
  constructor(
    private readonly queries: AlertsQueries,
    private readonly alerts: AlertsService,
  ) {}

  @Route({
    summary: 'List alerts, the ones that fired last first',
    description: 'One alert per rule and subject: what fires again while it is open counts as one more occurrence.',
    access: 'viewer',
    response: list(Alert),
    errors: [404],
  })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: AlertQuery }) query: AlertQuery) {
    return this.queries.list(actor, query);
  }

  @Route({ summary: 'How many alerts there are, by status and by type', access: 'viewer', response: one(AlertSummary) })
  @Get('summary')
  summary(@CurrentActor() actor: RequestActor) {
    return this.queries.summary(actor);
  }

  @Route({
    summary: 'Acknowledge, resolve or ignore many alerts',
    description: 'Each for itself: one that is over, or not there, keeps none of the others back.',
    access: 'operator',
    rateClass: 'bulk',
    status: 200,
    response: one(BulkAlerts),
  })
  @Post('bulk')
  bulk(@CurrentActor() actor: RequestActor, @Body({ schema: BulkAlertsBody }) body: BulkAlertsBody) {
    return this.alerts.bulk(actor, body);
  }

  @Route({
    summary: 'One alert, with its history and who was told',
    access: 'viewer',
    response: one(AlertDetail),
    errors: [404],
  })
  @Get(':id')
  findOne(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Acknowledge an alert: somebody looks after it',
    description: `Stops its escalation; it stays active until its condition is over. ${OVER}`,
    access: 'operator',
    status: 200,
    response: one(AlertDetail),
    errors: [404, 409],
  })
  @Post(':id/acknowledge')
  async acknowledge(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Body({ schema: AlertCommentBody }) body: AlertCommentBody,
  ) {
    await this.alerts.change(actor, id, 'acknowledge', body.comment);
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Resolve an alert by hand',
    description: `If its condition goes on, it fires anew after the cooldown of its rule. ${OVER}`,
    access: 'operator',
    response: one(AlertDetail),
    errors: [404, 409],
  })
  @Patch(':id/resolve')
  async resolve(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Body({ schema: AlertCommentBody }) body: AlertCommentBody,
  ) {
    await this.alerts.change(actor, id, 'resolve', body.comment);
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Ignore an alert',
    description: `Nobody hears of it again until its condition was over. ${OVER}`,
    access: 'operator',
    response: one(AlertDetail),
    errors: [404, 409],
  })
  @Patch(':id/ignore')
  async ignore(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Body({ schema: AlertCommentBody }) body: AlertCommentBody,
  ) {
    await this.alerts.change(actor, id, 'ignore', body.comment);
    return this.queries.get(actor, id);
  }
}
