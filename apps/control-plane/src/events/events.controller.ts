import { Controller, Get, Query } from '@nestjs/common';
import { Event, EventQuery, EventTypeInfo } from '@flotilla/contracts';
import { z } from 'zod';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { EventsQueries } from './events.queries.js';

@Controller('events')
export class EventsController {
  constructor(private readonly queries: EventsQueries) {}

  @Route({
    summary: 'What happened, newest first, or after a place in the order',
    description:
      'The same events as webhooks and the `log` of GET /stream. They are kept for 90 days. With `after` they come oldest first: remember the greatest `sequence` that you have seen, and ask for what came after it.',
    access: 'viewer',
    response: list(Event),
  })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: EventQuery }) query: EventQuery) {
    return this.queries.list(actor, query);
  }

  @Route({
    summary: 'Every type of event, with what its data holds',
    access: 'viewer',
    response: one(z.array(EventTypeInfo)),
  })
  @Get('types')
  types() {
    return this.queries.types();
  }
}
