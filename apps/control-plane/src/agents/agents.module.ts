import { Module } from '@nestjs/common';
import { AgentsService } from './agents.service.js';
import { EnrollmentTokens } from './enrollment-tokens/enrollment-tokens.service.js';

/** Enrolled agents and the tokens that enrol them. EnrollmentTrust comes from the room agent-gateway. */
@Module({
  providers: [AgentsService, EnrollmentTokens],
  exports: [AgentsService, EnrollmentTokens],
})
export class AgentsModule {}
