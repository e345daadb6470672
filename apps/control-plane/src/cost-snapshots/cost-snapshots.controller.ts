import { Controller, Get, Query } from '@nestjs/common';
import { CostSnapshot, CostSnapshotQuery, CostSnapshotService, CostSnapshotServiceQuery } from '@flotilla/contracts';
import { CurrentActor, list, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { CostSnapshotsQueries } from './cost-snapshots.queries.js';

@Controller('cost-snapshots')
export class CostSnapshotsController {
  constructor(private readonly queries: CostSnapshotsQueries) {}

  @Route({
    summary: 'What costs were known to be, hour by hour, newest first',
    description: 'Kept for 400 days. Charges that were corrected since do not change what was known then.',
    access: 'viewer',
    response: list(CostSnapshot),
  })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: CostSnapshotQuery }) query: CostSnapshotQuery) {
    return this.queries.list(actor, query);
  }

  @Route({
    summary: 'Services that snapshots have seen, by name, with what each cost last',
    access: 'viewer',
    response: list(CostSnapshotService),
  })
  @Get('services')
  services(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: CostSnapshotServiceQuery }) query: CostSnapshotServiceQuery,
  ) {
    return this.queries.services(actor, query);
  }
}
