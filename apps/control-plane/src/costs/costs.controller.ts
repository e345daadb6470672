import { Controller, Get, Post, Query, Req } from '@nestjs/common';
import {
  Cost,
  CostBreakdown,
  CostBreakdownQuery,
  CostImport,
  CostImportQuery,
  CostQuery,
  CostsByTag,
  CostsByTagQuery,
  CostSummary,
  CostSummaryQuery,
  CostTagKeys,
  CostTagKeysQuery,
  CostTrends,
  CostTrendsQuery,
} from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { FlotillaRequest, RequestActor } from '../platform/index.js';
import { BreakdownQueries } from './breakdown.queries.js';
import { CostImportService } from './import/cost-import.service.js';
import { CostsQueries } from './costs.queries.js';

@Controller('costs')
export class CostsController {
  constructor(
    private readonly queries: CostsQueries,
    private readonly breakdowns: BreakdownQueries,
    private readonly imports: CostImportService,
  ) {}

  @Route({ summary: 'Charges that count, newest day first', access: 'viewer', response: list(Cost), errors: [404] })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: CostQuery }) query: CostQuery) {
    return this.queries.list(actor, query);
  }

  @Route({
    summary: 'Total cost, by service, by instance type, by provider and by day',
    access: 'viewer',
    response: one(CostSummary),
    errors: [404],
  })
  @Get('summary')
  summary(@CurrentActor() actor: RequestActor, @Query({ schema: CostSummaryQuery }) query: CostSummaryQuery) {
    return this.queries.summary(actor, query);
  }

  @Route({
    summary: 'Cost by day, week or month, against the period before',
    access: 'viewer',
    response: one(CostTrends),
    errors: [404],
  })
  @Get('trends')
  trends(@CurrentActor() actor: RequestActor, @Query({ schema: CostTrendsQuery }) query: CostTrendsQuery) {
    return this.queries.trends(actor, query);
  }

  @Route({
    summary: 'Cost by the values of a tag; what lacks the tag is a group of its own',
    description:
      'Keys and values are compared letter by letter, as AWS does; `ignore_case=true` takes Team and team for one, as Azure does.',
    access: 'viewer',
    response: one(CostsByTag),
    errors: [404],
  })
  @Get('by-tags')
  byTags(@CurrentActor() actor: RequestActor, @Query({ schema: CostsByTagQuery }) query: CostsByTagQuery) {
    return this.queries.byTags(actor, query);
  }

  @Route({
    summary: 'Cost by any dimension, and what changed against as many days right before',
    description:
      'By service, provider, account, region, instance type, GPU model, instance, category, origin or a tag. The changes of the groups and `other` sum to the change of the total. Today is in the totals and is not compared, because it is not over.',
    access: 'viewer',
    response: one(CostBreakdown),
    errors: [404],
  })
  @Get('breakdown')
  breakdown(@CurrentActor() actor: RequestActor, @Query({ schema: CostBreakdownQuery }) query: CostBreakdownQuery) {
    return this.breakdowns.breakdown(actor, query);
  }

  @Route({
    summary: 'The tags that charges have, and how much cost has each of them',
    access: 'viewer',
    response: one(CostTagKeys),
    errors: [404],
  })
  @Get('tag-keys')
  tagKeys(@CurrentActor() actor: RequestActor, @Query({ schema: CostTagKeysQuery }) query: CostTagKeysQuery) {
    return this.breakdowns.tagKeys(actor, query);
  }

  @Route({
    summary: 'Import a bill in FOCUS 1.0 to 1.2',
    description:
      'The body is the CSV itself, as it is or packed with gzip, at most 1 GiB. The same file twice changes nothing; a newer file of the same period corrects what changed. Rows that are no charge are told with their line and left out, or, with `strict`, refuse the file. With `mode=replace` the bills in the file are then in the ledger as it has them.',
    access: 'admin',
    rateClass: 'bulk',
    body: 'stream',
    idempotent: false,
    response: one(CostImport),
    errors: [413],
  })
  @Post('import')
  import(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: CostImportQuery }) query: CostImportQuery,
    @Req() request: FlotillaRequest,
  ) {
    return this.imports.import(actor, query, request, Number(request.headers['content-length'] ?? NaN) || null);
  }
}
