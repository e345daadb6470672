import { Module } from '@nestjs/common';
import type { DynamicModule, Type } from '@nestjs/common';
import { PlatformModule } from './platform/index.js';
import type { PlatformParts } from './platform/index.js';

/** Every room of the house. */
export const ROOMS: readonly Type[] = [];

@Module({})
export class AppModule {
  static with(parts: PlatformParts): DynamicModule {
    return { module: AppModule, imports: [PlatformModule.with(parts), ...ROOMS] };
  }
}
