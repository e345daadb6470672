import { Controller, Get, Query } from '@nestjs/common';
import { Showback, ShowbackQuery } from '@flotilla/contracts';
import { CurrentActor, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { ShowbackQueries } from './showback.queries.js';

@Controller('costs')
export class ShowbackController {
  constructor(private readonly queries: ShowbackQueries) {}

  @Route({
    summary: 'What each team (or value of another tag) costs: its own charges, and its part of shared ones',
    description:
      'Every charge counts once: for the first rule of the key that fits it, else for the value that it carries, else as unallocated. Filters choose the charges before rules see them.',
    access: 'viewer',
    response: one(Showback),
    errors: [404],
  })
  @Get('showback')
  showback(@CurrentActor() actor: RequestActor, @Query({ schema: ShowbackQuery }) query: ShowbackQuery) {
    return this.queries.showback(actor, query);
  }
}
