import { Module } from '@nestjs/common';
import { MaintenanceWindowsController } from './maintenance-windows.controller.js';
import { MaintenanceWindowsJob } from './maintenance-windows.job.js';
import { MaintenanceWindowsQueries } from './maintenance-windows.queries.js';
import { MaintenanceWindowsService } from './maintenance-windows.service.js';

@Module({
  controllers: [MaintenanceWindowsController],
  providers: [MaintenanceWindowsJob, MaintenanceWindowsQueries, MaintenanceWindowsService],
  exports: [MaintenanceWindowsService],
})
export class MaintenanceWindowsModule {}
