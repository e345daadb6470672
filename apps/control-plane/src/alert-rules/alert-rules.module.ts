import { Module } from '@nestjs/common';
import { AlertsModule } from '../alerts/index.js';
import { DecisionsModule } from '../decisions/index.js';
import { DecisionHistoryModule } from '../decision-history/index.js';
import { AlertRuleTestService } from './alert-rule-test.service.js';
import { AlertRulesController } from './alert-rules.controller.js';
import { AlertRulesEngine } from './alert-rules.engine.js';
import { AlertRulesQueries } from './alert-rules.queries.js';
import { AlertRulesService } from './alert-rules.service.js';
import { BuiltInRulesQueries } from './built-in-rules.queries.js';
import { BuiltInRulesService } from './built-in-rules.service.js';

@Module({
  imports: [AlertsModule, DecisionHistoryModule, DecisionsModule],
  controllers: [AlertRulesController],
  providers: [
    AlertRuleTestService,
    AlertRulesEngine,
    AlertRulesQueries,
    AlertRulesService,
    BuiltInRulesQueries,
    BuiltInRulesService,
  ],
  exports: [AlertRulesService],
})
export class AlertRulesModule {}
