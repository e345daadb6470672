import { Module } from '@nestjs/common';
import { AlertsModule } from '../alerts/index.js';
import { BudgetStatusController } from './budget-status.controller.js';
import { BudgetsController } from './budgets.controller.js';
import { BudgetsJob } from './budgets.job.js';
import { BudgetsQueries } from './budgets.queries.js';
import { BudgetsService } from './budgets.service.js';
import { CostForecastController } from './cost-forecast.controller.js';
import { CostForecastQueries } from './cost-forecast.queries.js';

@Module({
  imports: [AlertsModule],
  controllers: [BudgetsController, BudgetStatusController, CostForecastController],
  providers: [BudgetsJob, BudgetsQueries, BudgetsService, CostForecastQueries],
})
export class BudgetsModule {}
