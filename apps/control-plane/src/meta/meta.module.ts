import { Module } from '@nestjs/common';
import { Health } from './health.js';
import { HealthController } from './health.controller.js';
import { MetaController } from './meta.controller.js';

@Module({ controllers: [HealthController, MetaController], providers: [Health] })
export class MetaModule {}
