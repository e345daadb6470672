import { HttpCode } from '@nestjs/common';
import type { Role, Scope } from '@flotilla/contracts';
import type { ResponseSpec } from './response.js';

/** Who may call a route. A role includes the roles above it; 'authenticated' is any caller with a role. */
export type Access = 'public' | 'authenticated' | Role | 'platform_operator';

/**
 * Which limit a request counts against. tenant: the tenant's requests per minute; scan, bulk: 5 and 10 a minute per
 * tenant besides; sync: per agent or key, outside the tenant's limit; none: health.
 */
export type RateClass = 'tenant' | 'scan' | 'bulk' | 'sync' | 'none';

/**
 * How the body is read. json: UTF-8 JSON of at most 1 MiB; ingest: the same with 16 MiB and 100,000 elements;
 * raw: bytes of at most 16 MiB (a Buffer); stream: the handler reads the request itself.
 */
export type BodyMode = 'json' | 'ingest' | 'raw' | 'stream';

export interface RouteOptions<Result> {
  /** What it does, for the API's reader: one line. */
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  /** API-key scopes that may call besides the roles: an `agent` key reaches only routes that name it. */
  readonly scopes?: readonly Scope[];
  readonly response: ResponseSpec<Result>;
  /** 201 for a created resource, 202 for accepted work; 200 otherwise. */
  readonly status?: number;
  /** Error statuses besides 400, 401, 403, 429, 500 and 503. */
  readonly errors?: readonly number[];
  readonly rateClass?: RateClass;
  readonly body?: BodyMode;
  /** Fields of the answer that are shown once: null in what Idempotency-Key replays. */
  readonly secrets?: readonly string[];
  /** false where Idempotency-Key is not honoured (/auth). */
  readonly idempotent?: boolean;
  /** A request body for the documentation where the schema's own examples do not make a sensible one. */
  readonly requestExample?: unknown;
}

export type RouteSpec = RouteOptions<unknown>;

const ROUTE = Symbol('flotilla:route');

/**
 * Declares a route: who may call it, what it answers. Every handler needs one (a boot check holds that), and a handler
 * whose result does not fit its response schema does not compile.
 */
export function Route<Result>(options: RouteOptions<Result>) {
  return <Arguments extends never[]>(
    target: object,
    key: string | symbol,
    descriptor: { value?: (...given: Arguments) => Promise<Result> | Result },
  ): void => {
    HttpCode(options.status ?? 200)(target, key, descriptor as PropertyDescriptor);
    Reflect.defineMetadata(ROUTE, options, descriptor.value as object);
  };
}

export function routeOf(handler: object): RouteSpec | undefined {
  return Reflect.getMetadata(ROUTE, handler) as RouteSpec | undefined;
}
