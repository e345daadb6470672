import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { firstValueFrom, from } from 'rxjs';
import type { Observable } from 'rxjs';
import { AppError } from '../errors/app-error.js';
import { toAppError } from '../rest/error.filter.js';
import type { FlotillaRequest, RequestActor } from '../rest/actor.js';
import { routeOf } from '../rest/route.js';
import type { RouteSpec } from '../rest/route.js';
import { sha256 } from '../secrets/index.js';
import { IdempotencyStore } from './idempotency.store.js';
import type { StoredAnswer } from './idempotency.store.js';

const POLL_MS = 50;
const WAIT_MS = 20_000;

/**
 * Idempotency-Key on POST: the first request with a key does the work, every repeat gets its answer.
 *
 * A refusal (4xx, 503) frees the key, since nothing was done. After an internal error, or a crash between effect and
 * answer, nobody knows what was done: the repeat is told so and does not do it again.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly store: IdempotencyStore) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FlotillaRequest>();
    const key = request.headers['idempotency-key'];
    if (key === undefined || request.method !== 'POST') return next.handle();
    const route = routeOf(context.getHandler());
    const isCovered =
      route &&
      route.access !== 'public' &&
      route.idempotent !== false &&
      route.response.kind !== 'raw' &&
      request.actor;
    if (!isCovered) return next.handle();
    const response = context.switchToHttp().getResponse<Response>();
    return from(this.once(String(key), request, request.actor!, response, route, () => firstValueFrom(next.handle())));
  }

  private async once(
    key: string,
    request: FlotillaRequest,
    actor: RequestActor,
    response: Response,
    route: RouteSpec,
    work: () => Promise<unknown>,
  ): Promise<unknown> {
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
      throw new AppError('VALIDATION_ERROR', 'Idempotency-Key must be 1 to 255 printable characters without blanks.', {
        field: 'Idempotency-Key',
      });
    }
    const hash = sha256(
      Buffer.concat([Buffer.from(`${request.method} ${request.url}\n`), request.rawBody ?? Buffer.alloc(0)]),
    );
    const claim = { actor, key, hash };
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const found = await this.store.claim(claim);
      if (found === 'claimed') break;
      if (!found.sameRequest) {
        throw new AppError(
          'CONFLICT',
          'This Idempotency-Key was used with another request. Take a new key for a new request.',
          { field: 'Idempotency-Key', value: key },
        );
      }
      if (found.answer) {
        response.setHeader('Idempotency-Replayed', 'true');
        response.status(found.answer.status);
        return found.answer.body;
      }
      if (!found.running) {
        throw new AppError(
          'CONFLICT',
          'The first request with this Idempotency-Key was cut off and may have taken effect. Look before you repeat it with a new key.',
          { field: 'Idempotency-Key', value: key },
        );
      }
      if (Date.now() > deadline) {
        throw new AppError(
          'CONFLICT',
          'The first request with this Idempotency-Key is still running. Repeat in a moment.',
          { field: 'Idempotency-Key', value: key },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return this.first(claim, response, route, work);
  }

  private async first(
    claim: Parameters<IdempotencyStore['claim']>[0],
    response: Response,
    route: RouteSpec,
    work: () => Promise<unknown>,
  ): Promise<unknown> {
    let body: unknown;
    try {
      body = await work();
    } catch (error) {
      const { code } = toAppError(error);
      if (code === 'INTERNAL_ERROR' || code === 'UPSTREAM_ERROR')
        await this.store.abandon(claim).catch(() => undefined);
      else await this.store.release(claim).catch(() => undefined);
      throw error;
    }
    const answer: StoredAnswer = { status: response.statusCode, body: withoutSecrets(body, route.secrets ?? []) };
    await this.store.keep(claim, answer);
    return body;
  }
}

/** The answer with the fields that are shown once set to null. */
export function withoutSecrets(body: unknown, secrets: readonly string[]): unknown {
  const { data } = body as { data?: unknown };
  if (secrets.length === 0 || typeof data !== 'object' || data === null) return body;
  const hidden = Object.fromEntries(secrets.filter((name) => Object.hasOwn(data, name)).map((name) => [name, null]));
  return { ...(body as object), data: { ...data, ...hidden } };
}
