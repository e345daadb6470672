import { Controller, Headers, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { CurrentActor, raw, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { OtlpService } from './otlp.service.js';

@Controller('otlp')
export class OtlpController {
  constructor(private readonly service: OtlpService) {}

  @Route({
    summary: 'OpenTelemetry traces (OTLP/HTTP): calls of models become AI spend',
    description:
      'Not in the envelope: OTLP/HTTP in protobuf or JSON, gzip or not, at most 16 MiB inflated. Spans with GenAI attributes are stored, others are passed over; those that are refused are counted in partialSuccess. The same span twice is stored once.',
    access: 'operator',
    scopes: ['agent'],
    rateClass: 'sync',
    body: 'raw',
    idempotent: false,
    response: raw('application/json'),
    errors: [413, 415],
  })
  @Post('v1/traces')
  async traces(
    @CurrentActor() actor: RequestActor,
    @Req() request: Request,
    @Headers('content-type') contentType: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const { status, contentType: kind, body } = await this.service.traces(actor, request.body, contentType);
    // not by express, which would add a charset that OTLP does not have
    response.status(status).setHeader('Content-Type', kind).end(body);
  }
}
