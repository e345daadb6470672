import { Module } from '@nestjs/common';
import { CostLedger } from './cost-ledger.js';
import { CostsController } from './costs.controller.js';
import { CostImportService } from './import/cost-import.service.js';
import { CostsQueries } from './costs.queries.js';

@Module({
  controllers: [CostsController],
  providers: [CostImportService, CostLedger, CostsQueries],
  exports: [CostLedger],
})
export class CostsModule {}
