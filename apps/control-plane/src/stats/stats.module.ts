import { Module } from '@nestjs/common';
import { StatsController } from './stats.controller.js';
import { FleetMapQueries } from './fleet-map.queries.js';
import { SparklinesQueries } from './sparklines.queries.js';
import { StatsQueries } from './stats.queries.js';

@Module({ controllers: [StatsController], providers: [FleetMapQueries, SparklinesQueries, StatsQueries] })
export class StatsModule {}
