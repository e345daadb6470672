import { Body, Controller, Post } from '@nestjs/common';
import { ActionResultsAnswer, ActionResultsBody, SyncAnswer, SyncBody } from '@flotilla/contracts';
import { AgentsService } from '../agents/index.js';
import { CurrentActor, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { SyncService } from './sync.service.js';

@Controller('sync')
export class SyncController {
  constructor(
    private readonly agents: AgentsService,
    private readonly service: SyncService,
  ) {}

  @Route({
    summary: 'Report as an agent over HTTP alone, and fetch what is to be done',
    description:
      'For an API key with the scope agent. A bad element never rejects its neighbours; the same body twice stores nothing twice. At most 16 MiB and 100,000 elements.',
    access: 'operator',
    scopes: ['agent'],
    rateClass: 'sync',
    body: 'ingest',
    idempotent: false,
    response: one(SyncAnswer),
    errors: [413],
  })
  @Post()
  async sync(@CurrentActor() actor: RequestActor, @Body({ schema: SyncBody }) body: SyncBody) {
    return this.service.sync(await this.agents.forApiKey(actor), body);
  }

  @Route({
    summary: 'Report the outcomes of actions that /sync gave out',
    access: 'operator',
    scopes: ['agent'],
    rateClass: 'sync',
    body: 'ingest',
    idempotent: false,
    response: one(ActionResultsAnswer),
    errors: [413],
  })
  @Post('action-results')
  async results(@CurrentActor() actor: RequestActor, @Body({ schema: ActionResultsBody }) body: ActionResultsBody) {
    return this.service.results(await this.agents.forApiKey(actor), body);
  }
}
