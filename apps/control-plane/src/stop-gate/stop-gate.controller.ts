import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import {
  BulkGate,
  BulkGateBody,
  InstanceRef,
  InstanceRefQuery,
  StopGateAnswer,
  StopGateSettings,
  StopGateSettingsBody,
} from '@flotilla/contracts';
import { CurrentActor, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { StopGateQueries } from './stop-gate.queries.js';
import { StopGateService } from './stop-gate.service.js';

@Controller('stop-gate')
export class StopGateController {
  constructor(
    private readonly queries: StopGateQueries,
    private readonly service: StopGateService,
  ) {}

  @Route({
    summary: 'What this tenant lets pass the safe-stop gate, and the floor under it',
    access: 'viewer',
    response: one(StopGateSettings),
  })
  @Get()
  find(@CurrentActor() actor: RequestActor) {
    return this.queries.settings(actor);
  }

  @Route({
    summary: 'Change what passes the safe-stop gate',
    description:
      'Never below the floor. Protection, other actions, maintenance, jobs, live processes and scaling groups cannot be waived.',
    access: 'admin',
    response: one(StopGateSettings),
  })
  @Patch()
  async update(
    @CurrentActor() actor: RequestActor,
    @Body({ schema: StopGateSettingsBody }) body: StopGateSettingsBody,
  ) {
    await this.service.update(actor, body);
    return this.queries.settings(actor);
  }
}

@Controller('instances')
export class InstanceStopGateController {
  constructor(private readonly queries: StopGateQueries) {}

  @Route({
    summary: 'What the safe-stop gate says of this instance now',
    description:
      'What an automatic or approved stop would be judged by at this moment: every check with its verdict and a sentence. Nothing is stopped.',
    access: 'viewer',
    response: one(StopGateAnswer),
    errors: [404, 409],
  })
  @Get(':instanceId/stop-gate')
  judge(
    @CurrentActor() actor: RequestActor,
    @Param('instanceId', { schema: InstanceRef }) ref: string,
    @Query({ schema: InstanceRefQuery }) query: InstanceRefQuery,
  ) {
    return this.queries.judge(actor, ref, query.id_type);
  }

  @Route({
    summary: 'What the safe-stop gate says of several instances now',
    description: 'As GET /instances/:id/stop-gate, for at most 100 at once. Nothing is stopped.',
    access: 'viewer',
    status: 200,
    response: one(BulkGate),
  })
  @Post('stop-gate')
  judgeMany(@CurrentActor() actor: RequestActor, @Body({ schema: BulkGateBody }) body: BulkGateBody) {
    return this.queries.judgeMany(actor, body.instance_ids);
  }
}
