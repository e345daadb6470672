import { Injectable, StreamableFile } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { map } from 'rxjs';
import type { Observable } from 'rxjs';
import { routeOf } from './route.js';

/** Checks what a handler returned against its route's schema and puts it in the envelope. */
@Injectable()
export class EnvelopeInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const route = routeOf(context.getHandler());
    if (!route) return next.handle();
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
