import { Controller, Get, Query } from '@nestjs/common';
import {
  AiBudgetStatus,
  AiSpend,
  AiSpendByDimension,
  AiSpendByDimensionQuery,
  AiSpendDrift,
  AiSpendDriftQuery,
  AiSpendFilters,
  AiSpendQuery,
  AiSpendSummary,
} from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { AiSpendQueries } from './ai-spend.queries.js';

@Controller('ai-spend')
export class AiSpendController {
  constructor(private readonly queries: AiSpendQueries) {}

  @Route({
    summary: 'Usage of AI models and what it cost, newest first',
    description:
      'Sums by the hour, or single records (`resolution=request`). What has no known price is unpriced, never 0.',
    access: 'viewer',
    response: list(AiSpend),
  })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: AiSpendQuery }) query: AiSpendQuery) {
    return this.queries.list(actor, query);
  }

  @Route({
    summary: 'Total AI spend, by provider, by model, by kind and by day, with unit costs',
    access: 'viewer',
    response: one(AiSpendSummary),
  })
  @Get('summary')
  summary(@CurrentActor() actor: RequestActor, @Query({ schema: AiSpendFilters }) query: AiSpendFilters) {
    return this.queries.summary(actor, query);
  }

  @Route({
    summary: 'AI spend by project, team, cost center, business unit or another dimension',
    access: 'viewer',
    response: one(AiSpendByDimension),
  })
  @Get('by-dimension')
  byDimension(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: AiSpendByDimensionQuery }) query: AiSpendByDimensionQuery,
  ) {
    return this.queries.byDimension(actor, query);
  }

  @Route({
    summary: 'Budgets of AI workloads this month: burn rate and projected overage',
    access: 'viewer',
    response: one(AiBudgetStatus),
  })
  @Get('budget-status')
  budgetStatus(@CurrentActor() actor: RequestActor) {
    return this.queries.budgetStatus(actor, new Date());
  }

  @Route({
    summary: "The estimate against the provider's own cost report, per day and model",
    access: 'viewer',
    response: one(AiSpendDrift),
  })
  @Get('drift')
  drift(@CurrentActor() actor: RequestActor, @Query({ schema: AiSpendDriftQuery }) query: AiSpendDriftQuery) {
    return this.queries.drift(actor, query);
  }
}
