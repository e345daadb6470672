import { Controller, Get, Query } from '@nestjs/common';
import { AiUnitEconomics, AiUnitEconomicsQuery } from '@flotilla/contracts';
import { CurrentActor, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { UnitEconomicsQueries } from './unit-economics.queries.js';

@Controller('ai-spend/unit-economics')
export class UnitEconomicsController {
  constructor(private readonly queries: UnitEconomicsQueries) {}

  @Route({
    summary: 'What tokens, requests and training runs cost: own GPUs beside APIs, with the break-even utilisation',
    access: 'viewer',
    response: one(AiUnitEconomics),
  })
  @Get()
  find(@CurrentActor() actor: RequestActor, @Query({ schema: AiUnitEconomicsQuery }) query: AiUnitEconomicsQuery) {
    return this.queries.find(actor, query);
  }
}
