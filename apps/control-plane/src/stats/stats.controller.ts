import { Controller, Get } from '@nestjs/common';
import { Stats } from '@flotilla/contracts';
import { CurrentActor, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { StatsQueries } from './stats.queries.js';

@Controller('stats')
export class StatsController {
  constructor(private readonly queries: StatsQueries) {}

  @Route({ summary: 'Actions by status and resources, counted', access: 'viewer', response: one(Stats) })
  @Get()
  get(@CurrentActor() actor: RequestActor) {
    return this.queries.get(actor);
  }
}
