import { Controller, Get, Query } from '@nestjs/common';
import { Saving, SavingsQuery, SavingsSummary, SavingsSummaryQuery } from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { SavingsQueries } from './savings.queries.js';

@Controller('savings')
export class SavingsController {
  constructor(private readonly queries: SavingsQueries) {}

  @Route({
    summary: 'The ledger of savings, the newest stop first',
    description:
      'One entry for each verified stop of a machine through Flotilla: what it promised, what was saved as time passed, and what bills confirm. Credit ends when the machine starts, is gone, or after 30 days.',
    access: 'viewer',
    response: list(Saving),
  })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: SavingsQuery }) query: SavingsQuery) {
    return this.queries.list(actor, query);
  }

  @Route({
    summary: 'What was saved, by month, policy, instance, team or tag',
    description:
      "In the tenant's currency at the rate of each day. A dollar counts once, whatever policies and advice meet in it.",
    access: 'viewer',
    response: one(SavingsSummary),
  })
  @Get('summary')
  summary(@CurrentActor() actor: RequestActor, @Query({ schema: SavingsSummaryQuery }) query: SavingsSummaryQuery) {
    return this.queries.summary(actor, query);
  }
}
