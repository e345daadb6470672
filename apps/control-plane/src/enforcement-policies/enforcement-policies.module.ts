import { Module } from '@nestjs/common';
import { ActionsModule } from '../actions/index.js';
import { AlertsModule } from '../alerts/index.js';
import { DecisionsModule } from '../decisions/index.js';
import { NotificationChannelsModule } from '../notification-channels/index.js';
import { EnforcementPoliciesController } from './enforcement-policies.controller.js';
import { PoliciesJob } from './enforcement-policies.job.js';
import { EnforcementPoliciesQueries } from './enforcement-policies.queries.js';
import { EnforcementPoliciesService } from './enforcement-policies.service.js';
import { PolicyEngine } from './policy-engine.js';
import { PolicyHistoryQueries } from './policy-history.queries.js';
import { PolicyNotices } from './policy-notices.js';
import { PolicyRunner } from './policy-runner.js';

@Module({
  imports: [ActionsModule, AlertsModule, DecisionsModule, NotificationChannelsModule],
  controllers: [EnforcementPoliciesController],
  providers: [
    EnforcementPoliciesQueries,
    EnforcementPoliciesService,
    PoliciesJob,
    PolicyEngine,
    PolicyHistoryQueries,
    PolicyNotices,
    PolicyRunner,
  ],
  exports: [EnforcementPoliciesService],
})
export class EnforcementPoliciesModule {}
