import { Controller, Get, Res } from '@nestjs/common';
import { Liveness, Readiness, Status } from '@flotilla/contracts';
import type { Response } from 'express';
import { Figures, one, raw, Route, VERSION } from '../platform/index.js';
import { Health } from './health.js';

/** What stands outside /api, for load balancers, Prometheus and people. */
@Controller()
export class HealthController {
  constructor(
    private readonly health: Health,
    private readonly figures: Figures,
  ) {}

  @Route({
    summary: 'The process is alive',
    access: 'public',
    rateClass: 'none',
    response: raw('application/json', Liveness),
  })
  @Get('healthz')
  healthz() {
    return { status: 'ok' };
  }

  @Route({
    summary: 'This replica can serve; 503 when it cannot',
    access: 'public',
    rateClass: 'none',
    response: raw('application/json', Readiness),
  })
  @Get('readyz')
  async readyz(@Res({ passthrough: true }) response: Response) {
    const { status, headers, body } = await this.health.readiness();
    response.status(status).set(headers);
    return body;
  }

  @Route({ summary: 'Version and state', access: 'public', response: one(Status) })
  @Get('status')
  async status() {
    const isUp = await this.health.databaseAnswers();
    return {
      status: isUp ? ('ok' as const) : ('degraded' as const),
      version: VERSION,
      api_version: 'v1',
      uptime_seconds: Math.floor(process.uptime()),
      database: isUp ? ('up' as const) : ('down' as const),
      timestamp: new Date().toISOString(),
    };
  }

  @Route({
    summary: 'Figures for Prometheus',
    access: 'public',
    rateClass: 'none',
    response: raw('text/plain; version=0.0.4; charset=utf-8'),
  })
  @Get('metrics')
  metrics(): Promise<string> {
    return this.figures.registry.metrics();
  }
}
