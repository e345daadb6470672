import { Controller, Get, Query } from '@nestjs/common';
import { AuditEvent, AuditQuery } from '@flotilla/contracts';
import { CurrentActor, list, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { AuditQueries } from './audit.queries.js';

@Controller('audit')
export class AuditController {
  constructor(private readonly queries: AuditQueries) {}

  @Route({ summary: 'Who did what, newest first', access: 'admin', response: list(AuditEvent) })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: AuditQuery }) query: AuditQuery) {
    return this.queries.list(actor, query);
  }
}
