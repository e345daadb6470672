import { Controller, Get } from '@nestjs/common';
import { BudgetStatus } from '@flotilla/contracts';
import { CurrentActor, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { BudgetsQueries } from './budgets.queries.js';

@Controller('costs')
export class BudgetStatusController {
  constructor(private readonly queries: BudgetsQueries) {}

  @Route({
    summary: "This month's budget: utilisation, burn rate, projected spend and overage",
    description:
      'Of the first enabled month budget over all cost; without one the projection of the month stands alone.',
    access: 'viewer',
    response: one(BudgetStatus),
  })
  @Get('budget-status')
  status(@CurrentActor() actor: RequestActor) {
    return this.queries.status(actor);
  }
}
