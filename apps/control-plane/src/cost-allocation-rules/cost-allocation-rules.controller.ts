import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import {
  CostAllocationRule,
  CostAllocationRuleQuery,
  CreateCostAllocationRuleBody,
  Done,
  Id,
  UpdateCostAllocationRuleBody,
} from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { CostAllocationRulesQueries } from './cost-allocation-rules.queries.js';
import { CostAllocationRulesService } from './cost-allocation-rules.service.js';

@Controller('cost-allocation-rules')
export class CostAllocationRulesController {
  constructor(
    private readonly queries: CostAllocationRulesQueries,
    private readonly rules: CostAllocationRulesService,
  ) {}

  @Route({
    summary: 'Rules by which cost without an owner is split, by key and in the order in which they take',
    access: 'viewer',
    response: list(CostAllocationRule),
  })
  @Get()
  findAll(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: CostAllocationRuleQuery }) query: CostAllocationRuleQuery,
  ) {
    return this.queries.list(actor, query);
  }

  @Route({ summary: 'One rule', access: 'viewer', response: one(CostAllocationRule), errors: [404] })
  @Get(':id')
  findOne(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Say how untagged or shared cost is split',
    description:
      'Rules of one key that hold on the same day need different priorities: the smaller one takes a charge first. It holds for past days too, within its dates.',
    access: 'admin',
    status: 201,
    response: one(CostAllocationRule),
    errors: [409],
  })
  @Post()
  create(
    @CurrentActor() actor: RequestActor,
    @Body({ schema: CreateCostAllocationRuleBody }) body: CreateCostAllocationRuleBody,
  ) {
    return this.rules.create(actor, body);
  }

  @Route({
    summary: 'Change a rule',
    description:
      'Fields that are left out stay as they are. The key of a rule does not change. `if_updated_at` refuses a change of what somebody else changed meanwhile.',
    access: 'admin',
    response: one(CostAllocationRule),
    errors: [404, 409],
  })
  @Patch(':id')
  update(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Body({ schema: UpdateCostAllocationRuleBody }) body: UpdateCostAllocationRuleBody,
  ) {
    return this.rules.update(actor, id, body);
  }

  @Route({ summary: 'Delete a rule', access: 'admin', response: one(Done), errors: [404] })
  @Delete(':id')
  async remove(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    await this.rules.remove(actor, id);
    return { done: true } as const;
  }
}
