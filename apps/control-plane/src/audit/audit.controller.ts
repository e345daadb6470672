import { Controller, Get, Query } from '@nestjs/common';
import { AuditEvent, AuditQuery, AuditVerification } from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { AuditVerifier } from './audit-verification.js';
import { AuditQueries } from './audit.queries.js';

@Controller('audit')
export class AuditController {
  constructor(
    private readonly queries: AuditQueries,
    private readonly verifier: AuditVerifier,
  ) {}

  @Route({ summary: 'Who did what, newest first', access: 'admin', response: list(AuditEvent) })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: AuditQuery }) query: AuditQuery) {
    return this.queries.list(actor, query);
  }

  @Route({
    summary: 'Whether the audit is as it was written',
    description:
      'Reads it through, reckons its chain again and checks the signed ends of its days. Names the first row that was edited, deleted, moved or put in. Rows of the last second or two wait to be chained (`unsealed`).',
    access: 'admin',
    response: one(AuditVerification),
    rateClass: 'scan',
  })
  @Get('verify')
  verify(@CurrentActor() actor: RequestActor) {
    return this.verifier.verify(actor);
  }
}
