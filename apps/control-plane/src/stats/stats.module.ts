import { Module } from '@nestjs/common';
import { StatsController } from './stats.controller.js';
import { StatsQueries } from './stats.queries.js';

@Module({ controllers: [StatsController], providers: [StatsQueries] })
export class StatsModule {}
