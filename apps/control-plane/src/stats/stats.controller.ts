import { Controller, Get, Query } from '@nestjs/common';
import { FleetMap, Sparklines, SparklineQuery, Stats } from '@flotilla/contracts';
import { CurrentActor, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { FleetMapQueries } from './fleet-map.queries.js';
import { SparklinesQueries } from './sparklines.queries.js';
import { StatsQueries } from './stats.queries.js';

@Controller('stats')
export class StatsController {
  constructor(
    private readonly queries: StatsQueries,
    private readonly maps: FleetMapQueries,
    private readonly sparklines: SparklinesQueries,
  ) {}

  @Route({ summary: 'Actions by status and resources, counted', access: 'viewer', response: one(Stats) })
  @Get()
  get(@CurrentActor() actor: RequestActor) {
    return this.queries.get(actor);
  }

  @Route({
    summary: 'Every GPU at a glance',
    description:
      'In columns: newest values, what it is doing (busy, held but idle, idle), its health, and what doing nothing costs a day.',
    access: 'viewer',
    response: one(FleetMap),
  })
  @Get('fleet')
  fleet(@CurrentActor() actor: RequestActor) {
    return this.maps.get(actor);
  }

  @Route({
    summary: 'What several instances did of late',
    description:
      'For rows of a table: the mean utilisation of each instance’s GPUs over the last hours. 60 points up to 4 hours; beyond a point an hour, the last one of the hour that goes on.',
    access: 'viewer',
    response: one(Sparklines),
  })
  @Get('sparklines')
  lines(@CurrentActor() actor: RequestActor, @Query({ schema: SparklineQuery }) query: SparklineQuery) {
    return this.sparklines.find(actor, query);
  }
}
