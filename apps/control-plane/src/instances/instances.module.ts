import { Module } from '@nestjs/common';
import { ActionsModule } from '../actions/index.js';
import { DeviceRegistry } from './devices.registry.js';
import { GpuProcesses } from './gpu-processes.js';
import { InstanceRegistry } from './instances.registry.js';

@Module({
  imports: [ActionsModule],
  providers: [DeviceRegistry, GpuProcesses, InstanceRegistry],
  exports: [DeviceRegistry, GpuProcesses, InstanceRegistry],
})
export class InstancesModule {}
