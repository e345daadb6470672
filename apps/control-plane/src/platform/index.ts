export { Authenticator } from './auth/authenticator.js';
export { AccessTokens } from './auth/access-tokens.js';
export type { AccessClaims } from './auth/access-tokens.js';
export { effectiveRole, includesRole } from './auth/permissions.js';
export { Principals } from './auth/principals.js';
export type {
  ExportChart,
  ExportColumn,
  ExportKind,
  ExportSource,
  ExportTable,
  ExportTotal,
} from './export/export-table.js';
export { CONFIG, ConfigError, isLoopback, loadConfig, SETTINGS } from './config/index.js';
export type { Config, SmtpConfig } from './config/index.js';
export { AppError, assertUnchanged, notFound, statusOf } from './errors/app-error.js';
export type { ErrorDetails } from './errors/app-error.js';
export { databaseError } from './errors/database-error.js';
export { Figures } from './figures/figures.js';
export { Jobs } from './jobs/jobs.js';
export type { Job, JobFigures } from './jobs/jobs.js';
export { Log, withoutSecrets } from './log/log.js';
export type { LogLevel } from './log/log.js';
export { IssuerKeys, KeysUnavailableError } from './oidc/index.js';
export * from './outbound/index.js';
export { ApiDocument } from './openapi/api-document.js';
export { openApiDocument } from './openapi/document.js';
export type { OpenApiDocument, Operation } from './openapi/document.js';
export { PlatformModule } from './platform.module.js';
export type { PlatformParts } from './platform.module.js';
export { RequestLimits } from './rate-limit/request-limits.js';
export * from './secrets/index.js';
export { anonymous, CurrentActor } from './rest/actor.js';
export type { FlotillaRequest, RequestActor } from './rest/actor.js';
export { assertContracts } from './rest/assert-contracts.js';
export { configureHttp } from './rest/http.js';
export { decodeCursor, encodeCursor, pageOf, pageWindow } from './rest/page.js';
export type { Page } from './rest/page.js';
export { describeIssues } from './rest/issues.js';
export { list, one, raw } from './rest/response.js';
export { validationError } from './rest/request-schema.pipe.js';
export type { ResponseSpec } from './rest/response.js';
export { Route } from './rest/route.js';
export type { Access, BodyMode, RateClass, RouteOptions } from './rest/route.js';
export { controllersOf, routesOf, routeTable } from './rest/route-table.js';
export type { RouteEntry } from './rest/route-table.js';
export { VERSION } from './version.js';
export { Id, pageQuery, pageQueryOf, qBool, qInt, qList, qNumber, qTime, UuidId } from '@flotilla/contracts';
export { handsOutAgent } from './downloads/agent-downloads.js';
