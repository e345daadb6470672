import { Module } from '@nestjs/common';
import { EnforcementPoliciesController } from './policies.controller.js';
import { PoliciesJob } from './policies.job.js';
import { EnforcementPoliciesQueries } from './policies.queries.js';
import { EnforcementPoliciesService } from './policies.service.js';
import { PolicyHistoryQueries } from './policy-history.queries.js';

@Module({
  controllers: [EnforcementPoliciesController],
  providers: [EnforcementPoliciesQueries, EnforcementPoliciesService, PoliciesJob, PolicyHistoryQueries],
})
export class EnforcementPoliciesModule {}
