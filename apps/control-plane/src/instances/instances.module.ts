import { Module } from '@nestjs/common';
import { ActionsModule } from '../actions/index.js';
import { MetricsModule } from '../metrics/index.js';
import { DeviceRegistry } from './devices.registry.js';
import { GpuHealthService } from './gpu-health.service.js';
import { GpuProcesses } from './gpu-processes.js';
import { IdleInstancesQueries } from './idle.queries.js';
import { InstancesController } from './instances.controller.js';
import { InstancesJob } from './instances.job.js';
import { InstancesQueries } from './instances.queries.js';
import { InstanceRegistry } from './instances.registry.js';
import { InstancesService } from './instances.service.js';
import { ProcessesQueries } from './processes.queries.js';

@Module({
  imports: [ActionsModule, MetricsModule],
  controllers: [InstancesController],
  providers: [
    DeviceRegistry,
    GpuHealthService,
    GpuProcesses,
    IdleInstancesQueries,
    InstanceRegistry,
    InstancesJob,
    InstancesQueries,
    InstancesService,
    ProcessesQueries,
  ],
  exports: [DeviceRegistry, GpuHealthService, GpuProcesses, InstanceRegistry],
})
export class InstancesModule {}
