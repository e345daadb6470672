import { Controller, Get, Query } from '@nestjs/common';
import { CostForecast, CostForecastQuery } from '@flotilla/contracts';
import { CurrentActor, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { CostForecastQueries } from './cost-forecast.queries.js';

@Controller('costs')
export class CostForecastController {
  constructor(private readonly queries: CostForecastQueries) {}

  @Route({
    summary: 'What the month comes to, day by day, with 80 and 95 % intervals',
    description:
      'Of the charges that the filters leave, by the same forecast as budgets. The month is that of the tenant.',
    access: 'viewer',
    response: one(CostForecast),
    errors: [404],
  })
  @Get('forecast')
  forecast(@CurrentActor() actor: RequestActor, @Query({ schema: CostForecastQuery }) query: CostForecastQuery) {
    return this.queries.forecast(actor, query);
  }
}
