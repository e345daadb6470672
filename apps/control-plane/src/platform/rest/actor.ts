import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { Role, Scope } from '@flotilla/contracts';
import type { Actor } from '@flotilla/persistence';
import type { Request } from 'express';

/** Who calls, what they may do. `tenantId` is '' on a public route: the database then shows no row. */
export interface RequestActor extends Actor {
  /** null for keys that only carry scopes without a role (`agent`, `mcp`) and for callers that are not known. */
  readonly role: Role | null;
  readonly scopes: readonly Scope[];
  readonly userId: number | null;
  readonly apiKeyId: string | null;
  readonly agentId: string | null;
  /** May create and suspend tenants. */
  readonly platformOperator: boolean;
  /** The login session (refresh family) of a user's token. */
  readonly sessionId: string | null;
  /** The tenant's general limit. */
  readonly rateLimitPerMinute: number;
}

/** What the platform hangs on a request. */
export interface FlotillaRequest extends Request {
  requestId: string;
  actor?: RequestActor;
  rawBody?: Buffer;
}

/** The caller; always there, `type: 'anonymous'` on a public route. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): RequestActor => {
  const request = context.switchToHttp().getRequest<FlotillaRequest>();
  return request.actor ?? anonymous(request);
});

export function anonymous(request: FlotillaRequest): RequestActor {
  return {
    tenantId: '',
    type: 'anonymous',
    id: null,
    label: 'anonymous',
    address: request.ip,
    requestId: request.requestId,
    role: null,
    scopes: [],
    userId: null,
    apiKeyId: null,
    agentId: null,
    platformOperator: false,
    sessionId: null,
    rateLimitPerMinute: 0,
  };
}
