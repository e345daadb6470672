import { Module } from '@nestjs/common';
import { CostSnapshotsController } from './cost-snapshots.controller.js';
import { CostSnapshotsJob } from './cost-snapshots.job.js';
import { CostSnapshotsQueries } from './cost-snapshots.queries.js';
import { CostSnapshots } from './cost-snapshots.service.js';

@Module({
  controllers: [CostSnapshotsController],
  providers: [CostSnapshots, CostSnapshotsJob, CostSnapshotsQueries],
})
export class CostSnapshotsModule {}
