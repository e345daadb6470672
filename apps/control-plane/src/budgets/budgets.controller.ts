import { Body, Controller, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import {
  Budget,
  BudgetAlert,
  BudgetAlertQuery,
  BudgetCheck,
  BudgetDetail,
  BudgetListSummary,
  BudgetQuery,
  CreateBudgetBody,
  Done,
  Id,
  UpdateBudgetBody,
} from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { BudgetsQueries } from './budgets.queries.js';
import { BudgetsService } from './budgets.service.js';

@Controller('budgets')
export class BudgetsController {
  constructor(
    private readonly queries: BudgetsQueries,
    private readonly budgets: BudgetsService,
  ) {}

  @Route({
    summary: 'List budgets with what they have cost and will cost',
    description:
      'The summary counts all budgets of the scope by how they stand, whatever page and standing are asked for.',
    access: 'viewer',
    response: list(Budget, { summary: BudgetListSummary }),
  })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: BudgetQuery }) query: BudgetQuery) {
    return this.queries.list(actor, query);
  }

  @Route({
    summary: 'Make a budget',
    access: 'admin',
    status: 201,
    response: one(BudgetDetail),
    errors: [404, 409],
  })
  @Post()
  async create(@CurrentActor() actor: RequestActor, @Body({ schema: CreateBudgetBody }) body: CreateBudgetBody) {
    return this.queries.get(actor, await this.budgets.create(actor, body));
  }

  @Route({
    summary: 'Thresholds that were reached, newest first, with the numbers that made them fire',
    access: 'viewer',
    response: list(BudgetAlert),
  })
  @Get('alerts')
  alerts(@CurrentActor() actor: RequestActor, @Query({ schema: BudgetAlertQuery }) query: BudgetAlertQuery) {
    return this.queries.alerts(actor, query);
  }

  @Route({
    summary: 'Check all budgets now',
    description: 'They are checked every hour and when charges came in; a threshold fires once in a period.',
    access: 'operator',
    status: 200,
    response: one(BudgetCheck),
  })
  @Post('check')
  check(@CurrentActor() actor: RequestActor) {
    return this.budgets.check(actor);
  }

  @Route({
    summary: 'One budget, with how often projections like it were right',
    access: 'viewer',
    response: one(BudgetDetail),
    errors: [404],
  })
  @Get(':id')
  findOne(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Change a budget',
    description: 'Fields that are left out stay as they are. What fired in this period does not fire again.',
    access: 'admin',
    response: one(BudgetDetail),
    errors: [404, 409],
  })
  @Put(':id')
  async update(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Body({ schema: UpdateBudgetBody }) body: UpdateBudgetBody,
  ) {
    await this.budgets.update(actor, id, body);
    return this.queries.get(actor, id);
  }

  @Route({ summary: 'Delete a budget; its alerts stay', access: 'admin', response: one(Done), errors: [404] })
  @Delete(':id')
  async remove(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    await this.budgets.remove(actor, id);
    return { done: true } as const;
  }
}
