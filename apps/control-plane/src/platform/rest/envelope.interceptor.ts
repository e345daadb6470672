import { Injectable, StreamableFile } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import type { Request, Response } from 'express';
import { map } from 'rxjs';
import type { Observable } from 'rxjs';
import { validationError } from './request-schema.pipe.js';
import { routeOf } from './route.js';

/** Checks what a handler returned against its route's schema and puts it in the envelope. */
@Injectable()
export class EnvelopeInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const route = routeOf(context.getHandler());
    if (!route) return next.handle();
    assertNoQuery(context);
    return next.handle().pipe(
      map((result: unknown) => {
        if (result instanceof StreamableFile) return result;
        if (route.response.kind === 'raw') {
          const response = context.switchToHttp().getResponse<Response>();
          if (!response.headersSent) response.setHeader('Content-Type', route.response.contentType);
        }
        return route.response.toWire(result);
      }),
    );
  }
}

/** A handler that takes no query has no pipe that could refuse an unknown parameter. */
function assertNoQuery(context: ExecutionContext): void {
  const names = Object.keys(context.switchToHttp().getRequest<Request>().query);
  if (names.length === 0) return;
  const given = (Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) ??
    {}) as object;
  if (Object.keys(given).some((id) => id.startsWith(QUERY_ARGUMENT))) return;
  const issues = names
    .slice(0, 50)
    .map((field) => ({ field, message: 'unknown field', value: undefined, expected: 'no such field' }));
  throw validationError('query', issues);
}

/** RouteParamtypes.QUERY, as Nest keeps its parameters. */
const QUERY_ARGUMENT = '4:';
