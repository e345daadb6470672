import { Module } from '@nestjs/common';
import { CostAllocationRulesController } from './cost-allocation-rules.controller.js';
import { CostAllocationRulesQueries } from './cost-allocation-rules.queries.js';
import { CostAllocationRulesService } from './cost-allocation-rules.service.js';
import { ShowbackController } from './showback.controller.js';
import { ShowbackQueries } from './showback.queries.js';

@Module({
  controllers: [CostAllocationRulesController, ShowbackController],
  providers: [CostAllocationRulesQueries, CostAllocationRulesService, ShowbackQueries],
})
export class CostAllocationRulesModule {}
