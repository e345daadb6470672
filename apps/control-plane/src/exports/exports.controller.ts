import { Controller, Get, Query, Res } from '@nestjs/common';
import {
  ExportActionsQuery,
  ExportAiSpendQuery,
  ExportAlertsQuery,
  ExportAuditQuery,
  ExportCostsQuery,
  ExportInstancesQuery,
  ExportMetricsQuery,
} from '@flotilla/contracts';
import type { Response } from 'express';
import { ACTIONS_EXPORT } from '../actions/index.js';
import { ALERTS_EXPORT } from '../alerts/index.js';
import { AI_SPEND_EXPORT } from '../ai-spend/index.js';
import { AUDIT_EXPORT } from '../audit/index.js';
import { COSTS_EXPORT } from '../costs/index.js';
import { INSTANCES_EXPORT } from '../instances/index.js';
import { METRICS_EXPORT } from '../metrics/index.js';
import { CurrentActor, raw, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { ExportsService } from './exports.service.js';

const DESCRIPTION =
  'Not in the envelope: a file, streamed. Its headers say when, by whom, with which filter and whether rows are simulated; each CSV and JSON row has a column `simulated`.';
const file = (summary: string, access: 'viewer' | 'admin' = 'viewer') => ({
  summary,
  description: DESCRIPTION,
  access,
  response: raw('text/csv'),
});

@Controller('exports')
export class ExportsController {
  constructor(private readonly exports: ExportsService) {}

  @Route(file('Instances as CSV, JSON lines or PDF'))
  @Get('instances')
  instances(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: ExportInstancesQuery }) query: ExportInstancesQuery,
    @Res() response: Response,
  ): Promise<void> {
    return this.exports.send(INSTANCES_EXPORT, actor, query, response);
  }

  @Route(file('Charges as CSV, JSON lines or PDF'))
  @Get('costs')
  costs(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: ExportCostsQuery }) query: ExportCostsQuery,
    @Res() response: Response,
  ): Promise<void> {
    return this.exports.send(COSTS_EXPORT, actor, query, response);
  }

  @Route(file('AI spend by the hour as CSV, JSON lines or PDF'))
  @Get('ai-spend')
  aiSpend(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: ExportAiSpendQuery }) query: ExportAiSpendQuery,
    @Res() response: Response,
  ): Promise<void> {
    return this.exports.send(AI_SPEND_EXPORT, actor, query, response);
  }

  @Route(file('Alerts as CSV, JSON lines or PDF'))
  @Get('alerts')
  alerts(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: ExportAlertsQuery }) query: ExportAlertsQuery,
    @Res() response: Response,
  ): Promise<void> {
    return this.exports.send(ALERTS_EXPORT, actor, query, response);
  }

  @Route(file('Samples, minutes or hours of metrics as CSV, JSON lines or PDF'))
  @Get('metrics')
  metrics(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: ExportMetricsQuery }) query: ExportMetricsQuery,
    @Res() response: Response,
  ): Promise<void> {
    return this.exports.send(METRICS_EXPORT, actor, query, response);
  }

  @Route(file('Actions as CSV, JSON lines or PDF'))
  @Get('actions')
  actions(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: ExportActionsQuery }) query: ExportActionsQuery,
    @Res() response: Response,
  ): Promise<void> {
    return this.exports.send(ACTIONS_EXPORT, actor, query, response);
  }

  @Route(file('The audit as CSV, JSON lines or PDF', 'admin'))
  @Get('audit')
  audit(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: ExportAuditQuery }) query: ExportAuditQuery,
    @Res() response: Response,
  ): Promise<void> {
    return this.exports.send(AUDIT_EXPORT, actor, query, response);
  }
}
