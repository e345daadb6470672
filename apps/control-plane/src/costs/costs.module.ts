import { Module } from '@nestjs/common';
import { BreakdownQueries } from './breakdown.queries.js';
import { CostLedger } from './cost-ledger.js';
import { CostsController } from './costs.controller.js';
import { CostImportService } from './import/cost-import.service.js';
import { CostImportsController } from './import/cost-imports.controller.js';
import { CostImportsQueries } from './import/cost-imports.queries.js';
import { CostsQueries } from './costs.queries.js';
import { MeteringJob } from './metering/metering.job.js';
import { Metering } from './metering/metering.service.js';
import { UsefulGpuHoursController } from './useful-gpu-hours.controller.js';
import { UsefulGpuHoursQueries } from './useful-gpu-hours.queries.js';
import { ReconciliationController } from './reconciliation/reconciliation.controller.js';
import { ReconciliationJob } from './reconciliation/reconciliation.job.js';
import { ReconciliationQueries } from './reconciliation/reconciliation.queries.js';
import { Reconciliation } from './reconciliation/reconciliation.service.js';

@Module({
  controllers: [CostImportsController, CostsController, ReconciliationController, UsefulGpuHoursController],
  providers: [
    BreakdownQueries,
    CostImportService,
    CostImportsQueries,
    CostLedger,
    CostsQueries,
    Metering,
    MeteringJob,
    Reconciliation,
    ReconciliationJob,
    UsefulGpuHoursQueries,
    ReconciliationQueries,
  ],
  exports: [CostLedger, Metering, Reconciliation],
})
export class CostsModule {}
