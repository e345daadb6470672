import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { Action, ActionDetails, ActionId, ActionQuery, DecisionBody, QueuedAction } from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { ActionsQueries } from './actions.queries.js';
import { ActionsService } from './actions.service.js';

@Controller('actions')
export class ActionsController {
  constructor(
    private readonly queries: ActionsQueries,
    private readonly actions: ActionsService,
  ) {}

  @Route({ summary: 'The action queue, newest first', access: 'viewer', response: list(Action) })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: ActionQuery }) query: ActionQuery) {
    return this.queries.list(actor, query);
  }

  @Route({
    summary: 'One action with its output and the timeline of every transition',
    access: 'viewer',
    response: one(ActionDetails),
    errors: [404],
  })
  @Get(':id')
  findOne(@CurrentActor() actor: RequestActor, @Param('id', { schema: ActionId }) id: string) {
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Approve an action that waits for it',
    description: 'With require_second_person the one who requested it cannot approve it.',
    access: 'operator',
    response: one(QueuedAction),
    errors: [404, 409],
  })
  @Post(':id/approve')
  approve(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: ActionId }) id: string,
    @Body({ schema: DecisionBody }) body: DecisionBody,
  ) {
    return this.actions.approve(actor, id, body.comment ?? null);
  }

  @Route({
    summary: 'Reject an action that waits for approval',
    access: 'operator',
    response: one(QueuedAction),
    errors: [404, 409],
  })
  @Post(':id/reject')
  reject(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: ActionId }) id: string,
    @Body({ schema: DecisionBody }) body: DecisionBody,
  ) {
    return this.actions.reject(actor, id, body.comment ?? null);
  }

  @Route({
    summary: 'Take an action back that no host has accepted yet',
    description:
      'An offer that is out is void from then on. If its host accepted it in the same moment, its result is kept.',
    access: 'operator',
    response: one(QueuedAction),
    errors: [404, 409],
  })
  @Post(':id/cancel')
  cancel(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: ActionId }) id: string,
    @Body({ schema: DecisionBody }) body: DecisionBody,
  ) {
    return this.actions.cancel(actor, id, body.comment ?? null);
  }
}
