import { Controller, Get, Param, Query } from '@nestjs/common';
import { InstanceMetrics, InstanceMetricsQuery, InstanceRef } from '@flotilla/contracts';
import { CurrentActor, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { MetricsQueries } from './metrics.queries.js';

@Controller('instances')
export class MetricsController {
  constructor(private readonly queries: MetricsQueries) {}

  @Route({
    summary: "An instance's metrics over time",
    description:
      'Down-sampled to at most `limit` points per series with the lowest and highest value kept, so that no spike is lost. A step without samples has no point: a gap is a gap.',
    access: 'viewer',
    // up to half a million points: tests hold the shape
    response: one(InstanceMetrics, { validate: false }),
    errors: [404, 409],
  })
  @Get(':instanceId/metrics')
  find(
    @CurrentActor() actor: RequestActor,
    @Param('instanceId', { schema: InstanceRef }) ref: string,
    @Query({ schema: InstanceMetricsQuery }) query: InstanceMetricsQuery,
  ) {
    return this.queries.get(actor, ref, query);
  }
}
