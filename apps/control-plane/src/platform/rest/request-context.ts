import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { NextFunction, Response } from 'express';
import { Figures } from '../figures/figures.js';
import { Log } from '../log/log.js';
import { RequestLimits } from '../rate-limit/request-limits.js';
import type { FlotillaRequest } from './actor.js';
import { ErrorFilter } from './error.filter.js';
import { KnownRoutes } from './known-routes.js';

/** /api/v1 is the current version of /api; /api/status is what some documents call /status. */
const ALIASES: readonly (readonly [RegExp, string])[] = [
  [/^\/api\/v1(?=[/?]|$)/, '/api'],
  [/^\/api\/status(?=[/?]|$)/, '/status'],
  [/^\/openapi\.json(?=\?|$)/, '/api/openapi.json'],
];
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** The first thing that meets a request: its id, its line in the log, the version in its path, its method. */
@Injectable()
export class RequestContext implements OnApplicationBootstrap {
  private readonly log: Log;

  constructor(
    log: Log,
    private readonly errors: ErrorFilter,
    private readonly limits: RequestLimits,
    private readonly known: KnownRoutes,
    private readonly figures: Figures,
    private readonly adapter: HttpAdapterHost,
  ) {
    this.log = log.child('http');
  }

  /** Behind all routes: Nest answers for unknown paths under /api only. */
  onApplicationBootstrap(): void {
    const { httpAdapter } = this.adapter;
    httpAdapter.use((request: FlotillaRequest, response: Response) =>
      this.errors.answer(this.known.unknown(request), request, response),
    );
    httpAdapter.use((error: unknown, request: FlotillaRequest, response: Response, _next: NextFunction) =>
      this.errors.answer(error, request, response),
    );
  }

  begin(request: FlotillaRequest, response: Response, next: NextFunction): void {
    const started = performance.now();
    request.requestId = requestIdOf(request.headers['x-request-id']);
    response.setHeader('X-Request-Id', request.requestId);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'no-store');
    for (const [alias, target] of ALIASES) {
      if (alias.test(request.url)) request.url = request.url.replace(alias, target);
    }
    this.limits.begin(request, response);
    response.once('finish', () => this.logged(request, response, performance.now() - started));
    try {
      if (request.method === 'OPTIONS') this.options(request, response);
      else if (!METHODS.has(request.method)) throw this.known.unknown(request);
      else next();
    } catch (error) {
      this.errors.answer(error, request, response);
    }
  }

  private options(request: FlotillaRequest, response: Response): void {
    const methods = this.known.methodsOf(request.path);
    if (methods.length === 0) throw this.known.unknown(request);
    response.setHeader('Allow', [...methods, 'OPTIONS'].join(', '));
    response.status(204).end();
  }

  private logged(request: FlotillaRequest, response: Response, durationMs: number): void {
    const { actor } = request;
    const route = (request.route as { path?: unknown } | undefined)?.path;
    this.figures.request(
      request.method,
      typeof route === 'string' ? route : 'none',
      response.statusCode,
      durationMs / 1000,
    );
    const facts = {
      requestId: request.requestId,
      method: request.method,
      path: request.originalUrl.split('?', 1)[0]!.slice(0, 500),
      status: response.statusCode,
      durationMs: Math.round(durationMs * 10) / 10,
      ...(actor && actor.type !== 'anonymous' && { tenantId: actor.tenantId, actor: `${actor.type}:${actor.id}` }),
    };
    if (response.statusCode >= 500) this.log.warn(facts, 'request');
    else this.log.debug(facts, 'request');
  }
}

/** A caller's own id is kept when it is harmless in a log line; otherwise a new one. */
function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given)
    ? given
    : `req_${randomBytes(9).toString('base64url')}`;
}
