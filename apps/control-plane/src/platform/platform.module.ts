import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { Db } from '@flotilla/persistence';
import { AccessGuard } from './auth/access.guard.js';
import { AccessTokens } from './auth/access-tokens.js';
import { Authenticator } from './auth/authenticator.js';
import { KeyUsage } from './auth/key-usage.js';
import { Principals } from './auth/principals.js';
import { SigningKeys } from './auth/signing-keys.js';
import { CONFIG } from './config/index.js';
import type { Config } from './config/index.js';
import { Figures } from './figures/figures.js';
import { IdempotencyInterceptor } from './idempotency/idempotency.interceptor.js';
import { IdempotencyStore } from './idempotency/idempotency.store.js';
import { JobClaims } from './jobs/job-claims.js';
import { Jobs } from './jobs/jobs.js';
import { Log } from './log/log.js';
import { IssuerKeys, OidcTrusts, OidcUsers, OutsideTokens } from './oidc/index.js';
import { Outbound } from './outbound/index.js';
import { ApiDocument } from './openapi/api-document.js';
import { AddressLimiter } from './rate-limit/address-limiter.js';
import { RateLimiter } from './rate-limit/rate-limiter.js';
import { RequestLimits } from './rate-limit/request-limits.js';
import { TenantSecrets } from './secrets/index.js';
import { EnvelopeInterceptor } from './rest/envelope.interceptor.js';
import { ErrorFilter } from './rest/error.filter.js';
import { KnownRoutes } from './rest/known-routes.js';
import { RequestContext } from './rest/request-context.js';
import { RequestSchemaPipe } from './rest/request-schema.pipe.js';

/** What the process hands to its modules: read, opened and migrated before Nest starts. */
export interface PlatformParts {
  readonly config: Config;
  readonly db: Db;
  readonly log: Log;
}

/** What every room may inject without importing a module: Db, CONFIG, Log, Jobs. */
@Global()
@Module({})
export class PlatformModule {
  static with({ config, db, log }: PlatformParts): DynamicModule {
    return {
      module: PlatformModule,
      imports: [DiscoveryModule],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: Db, useValue: db },
        { provide: Log, useValue: log },
        { provide: Outbound, useFactory: () => new Outbound(config.outboundAllow) },
        JobClaims,
        Jobs,
        ApiDocument,
        Figures,
        KnownRoutes,
        ErrorFilter,
        RequestContext,
        AccessTokens,
        Authenticator,
        KeyUsage,
        Principals,
        SigningKeys,
        IssuerKeys,
        OidcTrusts,
        OidcUsers,
        OutsideTokens,
        TenantSecrets,
        AddressLimiter,
        RateLimiter,
        RequestLimits,
        IdempotencyStore,
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
        { provide: APP_PIPE, useClass: RequestSchemaPipe },
        { provide: APP_INTERCEPTOR, useClass: EnvelopeInterceptor },
        { provide: APP_FILTER, useExisting: ErrorFilter },
      ],
      exports: [
        IssuerKeys,
        CONFIG,
        Db,
        Log,
        Jobs,
        AccessTokens,
        Authenticator,
        Principals,
        RequestLimits,
        ApiDocument,
        Figures,
        Outbound,
        TenantSecrets,
      ],
    };
  }
}
