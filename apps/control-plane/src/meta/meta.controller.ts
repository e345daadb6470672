import { Controller, Get, Header } from '@nestjs/common';
import { Capabilities, Compatibility, ConditionMetric, ErrorModel } from '@flotilla/contracts';
import { DECISION_METRICS } from '@flotilla/domain';
import { z } from 'zod';
import { ApiDocument, one, raw, Route, VERSION } from '../platform/index.js';
import { ERROR_MODEL } from './error-model.js';

/** What a client can learn about the API itself. */
@Controller()
export class MetaController {
  constructor(private readonly document: ApiDocument) {}

  @Route({ summary: 'This document: OpenAPI 3.1', access: 'public', response: raw('application/json') })
  @Header('Cache-Control', 'no-cache')
  @Get('openapi.json')
  openapi(): string {
    return this.document.json();
  }

  @Route({ summary: 'What this version serves, and its limits', access: 'viewer', response: one(Capabilities) })
  @Get('meta/capabilities')
  async capabilities() {
    return {
      version: VERSION,
      resources: this.document.resources(),
      authentication: ['jwt' as const, 'api_key' as const],
      limits: { body_bytes: 1_048_576, ingest_body_bytes: 16_777_216, json_depth: 32, page_limit: 200 },
    };
  }

  @Route({ summary: 'Versions of the API and of the agent protocol', access: 'viewer', response: one(Compatibility) })
  @Get('meta/compatibility')
  async compatibility() {
    return {
      api_version: 'v1',
      supported_versions: ['v1'],
      deprecated_versions: [],
      agent_protocol: 'flotilla.v1',
      minimum_node: '20.19.0',
    };
  }

  @Route({ summary: 'Every error code, its status and its meaning', access: 'viewer', response: one(ErrorModel) })
  @Get('meta/error-model')
  async errorModel() {
    return ERROR_MODEL;
  }

  @Route({
    summary: 'Every metric that a condition may name, with its unit',
    access: 'viewer',
    response: one(z.array(ConditionMetric)),
  })
  @Get('meta/condition-metrics')
  async conditionMetrics() {
    return [...DECISION_METRICS];
  }
}
