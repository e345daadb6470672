import { Body, Controller, Delete, Get, Param, Patch, Query } from '@nestjs/common';
import { Agent, AgentDetail, AgentQuery, AgentSummary, Done, UpdateAgentBody } from '@flotilla/contracts';
import { CurrentActor, list, one, Route, UuidId } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { AgentsQueries } from './agents.queries.js';
import { AgentsService } from './agents.service.js';

@Controller('agents')
export class AgentsController {
  constructor(
    private readonly queries: AgentsQueries,
    private readonly agents: AgentsService,
  ) {}

  @Route({
    summary: 'List agents',
    access: 'viewer',
    response: list(Agent, { summary: AgentSummary }),
  })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: AgentQuery }) query: AgentQuery) {
    return this.queries.list(actor, query);
  }

  @Route({
    summary: 'One agent, with what it told lately',
    access: 'viewer',
    response: one(AgentDetail),
    errors: [404],
  })
  @Get(':id')
  findOne(@CurrentActor() actor: RequestActor, @Param('id', { schema: UuidId }) id: string) {
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Grant an agent controls over other machines',
    description:
      'Replaces its grants. What is taken away counts at once; what is new from its next announcement on (at its next connection, or its next POST /sync).',
    access: 'admin',
    response: one(AgentDetail),
    errors: [404],
  })
  @Patch(':id')
  async update(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: UuidId }) id: string,
    @Body({ schema: UpdateAgentBody }) body: UpdateAgentBody,
  ) {
    await this.agents.grant(actor, id, body.controls);
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Revoke an agent',
    description: 'Its stream is cut within ten seconds and its certificate is not renewed. What it reported stays.',
    access: 'admin',
    response: one(Done),
    errors: [404],
  })
  @Delete(':id')
  async revoke(@CurrentActor() actor: RequestActor, @Param('id', { schema: UuidId }) id: string) {
    await this.agents.revoke(actor, id);
    return { done: true } as const;
  }
}
