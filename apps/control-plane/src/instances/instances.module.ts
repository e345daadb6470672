import { Module } from '@nestjs/common';
import { ActionsModule } from '../actions/index.js';
import { DeviceRegistry } from './devices.registry.js';
import { InstanceRegistry } from './instances.registry.js';

@Module({
  imports: [ActionsModule],
  providers: [DeviceRegistry, InstanceRegistry],
  exports: [DeviceRegistry, InstanceRegistry],
})
export class InstancesModule {}
