import { Module } from '@nestjs/common';
import { PricesModule } from '../prices/index.js';
import { AiSpendJob } from './ai-spend.job.js';
import { ServingInstances } from './serving-instances.js';
import { UsageLedger } from './usage-ledger.js';

@Module({
  imports: [PricesModule],
  providers: [AiSpendJob, ServingInstances, UsageLedger],
  exports: [UsageLedger],
})
export class AiSpendModule {}
