import { Controller, Get, Query } from '@nestjs/common';
import { CostImportEntry, CostImportListQuery } from '@flotilla/contracts';
import { CurrentActor, list, Route } from '../../platform/index.js';
import type { RequestActor } from '../../platform/index.js';
import { CostImportsQueries } from './cost-imports.queries.js';

@Controller('costs/imports')
export class CostImportsController {
  constructor(private readonly queries: CostImportsQueries) {}

  @Route({ summary: 'Imported bills and what was left out of them', access: 'viewer', response: list(CostImportEntry) })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: CostImportListQuery }) query: CostImportListQuery) {
    return this.queries.list(actor, query);
  }
}
