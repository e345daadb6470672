import { Controller, Get, Query } from '@nestjs/common';
import { UsefulGpuHours, UsefulGpuHoursQuery } from '@flotilla/contracts';
import { CurrentActor, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { UsefulGpuHoursQueries } from './useful-gpu-hours.queries.js';

@Controller('costs/useful-gpu-hours')
export class UsefulGpuHoursController {
  constructor(private readonly queries: UsefulGpuHoursQueries) {}

  @Route({
    summary: 'What useful GPU-hours cost, and what idle and underused GPUs waste',
    description:
      'Cost ÷ (GPU-hours × SM activity, or utilisation where SM activity is not measured), by instance, team or tag. Hours without samples are neither useful nor idle. What no charge tells of yet is worth price × time.',
    access: 'viewer',
    response: one(UsefulGpuHours),
    errors: [404],
  })
  @Get()
  find(@CurrentActor() actor: RequestActor, @Query({ schema: UsefulGpuHoursQuery }) query: UsefulGpuHoursQuery) {
    return this.queries.find(actor, query);
  }
}
