import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { AppError } from '../errors/app-error.js';
import type { FlotillaRequest, RequestActor } from '../rest/actor.js';
import type { RateClass } from '../rest/route.js';
import { sha256 } from '../secrets/index.js';
import { AddressLimiter } from './address-limiter.js';
import { RateLimiter } from './rate-limiter.js';
import type { Verdict } from './rate-limiter.js';

/** Requests a minute of the classes beside the tenant's own limit (API.md, section 1). */
const CLASS_LIMIT = { scan: 5, bulk: 10, sync: 600 } as const;

/** Applies the limits of the API and says them in the headers of every answer. */
@Injectable()
export class RequestLimits {
  constructor(
    private readonly limiter: RateLimiter,
    private readonly addresses: AddressLimiter,
  ) {}

  /** The headers of an answer whose caller is not known yet. */
  begin(request: FlotillaRequest, response: Response): void {
    setHeaders(response, this.addresses.peek(addressOf(request)));
  }

  /** Counts a request of a caller who is not known. @throws AppError RATE_LIMIT */
  stranger(request: FlotillaRequest, response: Response): void {
    enforce(response, this.addresses.consume(addressOf(request)), 'Too many requests from this address.');
  }

  /** Counts a request of a known caller. @throws AppError RATE_LIMIT */
  async caller(actor: RequestActor, rateClass: RateClass, response: Response): Promise<void> {
    if (rateClass === 'none') return;
    if (rateClass === 'sync') {
      const verdict = await this.limiter.consume(`sync:${actor.tenantId}:${actor.type}:${actor.id}`, CLASS_LIMIT.sync);
      return enforce(response, verdict, 'Too many reports of this agent or key.');
    }
    if (rateClass !== 'tenant') {
      const verdict = await this.limiter.consume(`${rateClass}:${actor.tenantId}`, CLASS_LIMIT[rateClass]);
      enforce(response, verdict, `Too many requests of the class ${rateClass}.`);
    }
    const verdict = await this.limiter.consume(`tenant:${actor.tenantId}`, actor.rateLimitPerMinute);
    if (rateClass === 'tenant' || !verdict.allowed) enforce(response, verdict, 'Too many requests of this tenant.');
  }

  /**
   * A throttle of one route: log-ins, refreshes.
   *
   * @param subject what is counted; kept only as a hash
   * @throws AppError RATE_LIMIT
   */
  async throttle(name: string, subject: string, limit: number, response: Response): Promise<void> {
    const key = `${name}:${sha256(subject).toString('base64url').slice(0, 22)}`;
    enforce(response, await this.limiter.consume(key, limit), 'Too many attempts.');
  }
}

function enforce(response: Response, verdict: Verdict, what: string): void {
  setHeaders(response, verdict);
  if (verdict.allowed) return;
  const seconds = Math.max(1, Math.ceil((verdict.resetAtMs - Date.now()) / 1000));
  throw new AppError(
    'RATE_LIMIT',
    `${what} Repeat in ${seconds} s; ${verdict.limit} a minute are allowed.`,
    { limit: verdict.limit },
    seconds,
  );
}

function setHeaders(response: Response, verdict: Verdict): void {
  response.setHeader('X-RateLimit-Limit', String(verdict.limit));
  response.setHeader('X-RateLimit-Remaining', String(verdict.remaining));
  response.setHeader('X-RateLimit-Reset', String(Math.ceil(verdict.resetAtMs / 1000)));
}

function addressOf(request: FlotillaRequest): string {
  return request.ip ?? 'unknown';
}
