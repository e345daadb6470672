import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { AiWorkload, AiWorkloadQuery, CreateAiWorkloadBody, Done, Id, UpdateAiWorkloadBody } from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { AiWorkloadsQueries } from './ai-workloads.queries.js';
import { AiWorkloadsService } from './ai-workloads.service.js';

@Controller('ai-workloads')
export class AiWorkloadsController {
  constructor(
    private readonly queries: AiWorkloadsQueries,
    private readonly service: AiWorkloadsService,
  ) {}

  @Route({ summary: 'Workloads that use AI models', access: 'viewer', response: list(AiWorkload) })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: AiWorkloadQuery }) query: AiWorkloadQuery) {
    return this.queries.list(actor, query);
  }

  @Route({ summary: 'One workload', access: 'viewer', response: one(AiWorkload), errors: [404] })
  @Get(':id')
  findOne(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Write down a workload, with its budget and owner',
    description: 'Usage that names its external_id is its spend, also the usage of before.',
    access: 'admin',
    status: 201,
    response: one(AiWorkload),
    errors: [409],
  })
  @Post()
  create(@CurrentActor() actor: RequestActor, @Body({ schema: CreateAiWorkloadBody }) body: CreateAiWorkloadBody) {
    return this.service.create(actor, body);
  }

  @Route({ summary: 'Change a workload', access: 'admin', response: one(AiWorkload), errors: [404, 409] })
  @Patch(':id')
  update(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Body({ schema: UpdateAiWorkloadBody }) body: UpdateAiWorkloadBody,
  ) {
    return this.service.update(actor, id, body);
  }

  @Route({ summary: 'Delete a workload; its usage stays', access: 'admin', response: one(Done), errors: [404] })
  @Delete(':id')
  async remove(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    await this.service.remove(actor, id);
    return { done: true } as const;
  }
}
