import { Module } from '@nestjs/common';
import { PricesModule } from '../prices/index.js';
import { AiSpendController } from './ai-spend.controller.js';
import { AiSpendJob } from './ai-spend.job.js';
import { AiSpendQueries } from './ai-spend.queries.js';
import { Repricing } from './repricing.js';
import { ServingInstances } from './serving-instances.js';
import { UnitEconomicsController } from './unit-economics.controller.js';
import { UnitEconomicsQueries } from './unit-economics.queries.js';
import { UsageLedger } from './usage-ledger.js';

@Module({
  imports: [PricesModule],
  controllers: [AiSpendController, UnitEconomicsController],
  providers: [AiSpendJob, AiSpendQueries, Repricing, ServingInstances, UnitEconomicsQueries, UsageLedger],
  exports: [UsageLedger],
})
export class AiSpendModule {}
