import { Module } from '@nestjs/common';
import { AgentsController } from './agents.controller.js';
import { AgentsJob } from './agents.job.js';
import { AgentsQueries } from './agents.queries.js';
import { AgentsService } from './agents.service.js';
import { EnrollmentTokensController } from './enrollment-tokens/enrollment-tokens.controller.js';
import { EnrollmentTokensQueries } from './enrollment-tokens/enrollment-tokens.queries.js';
import { EnrollmentTokens } from './enrollment-tokens/enrollment-tokens.service.js';

/** Enrolled agents and the tokens that enrol them. EnrollmentTrust comes from the room agent-gateway. */
@Module({
  // the longer address first: enrollment-tokens is no agent's id
  controllers: [EnrollmentTokensController, AgentsController],
  providers: [AgentsJob, AgentsQueries, AgentsService, EnrollmentTokensQueries, EnrollmentTokens],
  exports: [AgentsService, EnrollmentTokens],
})
export class AgentsModule {}
