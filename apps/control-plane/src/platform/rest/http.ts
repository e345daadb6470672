import type { INestApplication } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Response } from 'express';
import { CONFIG } from '../config/index.js';
import type { Config } from '../config/index.js';
import { ApiDocument } from '../openapi/api-document.js';
import { webConsole } from '../console/web-console.js';
import { agentDownloads } from '../downloads/agent-downloads.js';
import { swaggerUi } from '../swagger/swagger-ui.js';
import type { FlotillaRequest } from './actor.js';
import { assertContracts } from './assert-contracts.js';
import { KnownRoutes } from './known-routes.js';
import { RequestContext } from './request-context.js';
import { OUTSIDE_API, routeTable } from './route-table.js';

/**
 * Sets up the HTTP side of the application; call once, between NestFactory.create (with `bodyParser: false`) and
 * listen. Bodies are read by the access guard, after the caller is known.
 *
 * @throws Error when a route breaks the rules of `assertContracts`
 */
export function configureHttp(app: INestApplication): void {
  const express = app as NestExpressApplication;
  const config = app.get<Config>(CONFIG);
  express.disable('x-powered-by');
  express.disable('etag');
  express.set('query parser', 'simple');
  express.set('trust proxy', [...config.trustedProxies]);
  const context = app.get(RequestContext, { strict: false });
  express.use((request: FlotillaRequest, response: Response, next: NextFunction) =>
    context.begin(request, response, next),
  );
  app.setGlobalPrefix('api', { exclude: OUTSIDE_API });
  const routes = routeTable(app);
  assertContracts(routes);
  app.get(KnownRoutes, { strict: false }).set(routes);
  app.get(ApiDocument, { strict: false }).setRoutes(routes);
  express.use('/docs', swaggerUi());
  express.use('/agent', agentDownloads());
  express.use(webConsole());
}
