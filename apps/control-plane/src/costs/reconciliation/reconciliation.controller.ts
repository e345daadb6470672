import { Controller, Get, Query } from '@nestjs/common';
import { CostReconciliation, CostReconciliationQuery } from '@flotilla/contracts';
import { CurrentActor, one, Route } from '../../platform/index.js';
import type { RequestActor } from '../../platform/index.js';
import { ReconciliationQueries } from './reconciliation.queries.js';

@Controller('costs/reconciliation')
export class ReconciliationController {
  constructor(private readonly queries: ReconciliationQueries) {}

  @Route({
    summary: 'What was metered beside what was reported and billed',
    description:
      'Usage of machines by provider, day and instance. A better origin replaces a worse one (bill, provider_api, reported, metered); what is replaced is kept for this comparison and counted nowhere else.',
    access: 'viewer',
    response: one(CostReconciliation),
    errors: [404],
  })
  @Get()
  compare(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: CostReconciliationQuery }) query: CostReconciliationQuery,
  ) {
    return this.queries.compare(actor, query);
  }
}
