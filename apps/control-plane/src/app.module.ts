import { Module } from '@nestjs/common';
import type { DynamicModule, Type } from '@nestjs/common';
import { ActionsModule } from './actions/index.js';
import { InstancesModule } from './instances/index.js';
import { MetricsModule } from './metrics/index.js';
import { PlatformModule } from './platform/index.js';
import type { PlatformParts } from './platform/index.js';

/** Every room of the house. */
export const ROOMS: readonly Type[] = [ActionsModule, InstancesModule, MetricsModule];

@Module({})
export class AppModule {
  static with(parts: PlatformParts): DynamicModule {
    return { module: AppModule, imports: [PlatformModule.with(parts), ...ROOMS] };
  }
}
