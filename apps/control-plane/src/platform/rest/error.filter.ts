import { Catch, HttpException, Injectable, NotFoundException } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { ErrorBody, ErrorCode } from '@flotilla/contracts';
import type { Response } from 'express';
import { AppError, statusOf } from '../errors/app-error.js';
import { databaseError } from '../errors/database-error.js';
import { Log } from '../log/log.js';
import type { FlotillaRequest } from './actor.js';
import { bodyError } from './body.js';
import { KnownRoutes } from './known-routes.js';

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'AUTH_ERROR',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  429: 'RATE_LIMIT',
};

/** Every error leaves in the one documented shape; what is not an AppError is a bug and says nothing of itself. */
@Catch()
@Injectable()
export class ErrorFilter implements ExceptionFilter {
  private readonly log: Log;

  constructor(
    log: Log,
    private readonly known: KnownRoutes,
  ) {
    this.log = log.child('http');
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(thrown, http.getRequest<FlotillaRequest>(), http.getResponse<Response>());
  }

  /** Also for what fails before Nest sees the request. */
  answer(thrown: unknown, request: FlotillaRequest, response: Response): void {
    // rooms throw AppError; Nest's own NotFoundException means that no route took the request
    const error = thrown instanceof NotFoundException ? this.known.unknown(request) : toAppError(thrown);
    const status = statusOf(error);
    if (error.code === 'INTERNAL_ERROR') {
      this.log.error(
        { err: thrown, requestId: request.requestId, method: request.method, path: request.path },
        'a request failed by a bug',
      );
    } else if (status >= 500) {
      this.log.warn(
        { requestId: request.requestId, reason: (thrown as Error).message, path: request.path },
        error.message,
      );
    }
    if (response.headersSent) return void response.destroy();
    if (error.retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(error.retryAfterSeconds));
    if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    const body: ErrorBody = {
      success: false,
      error: error.message,
      code: error.code,
      ...(error.details && { details: error.details }),
      request_id: request.requestId,
      timestamp: new Date().toISOString(),
    };
    response.status(status).type('application/json').send(JSON.stringify(body));
  }
}

export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof HttpException) {
    const status = thrown.getStatus();
    const code = CODE_OF_STATUS[status] ?? (status < 500 ? 'VALIDATION_ERROR' : 'INTERNAL_ERROR');
    if (code !== 'INTERNAL_ERROR') return new AppError(code, thrown.message);
  }
  const database = databaseError(thrown);
  if (database) return database;
  if (thrown instanceof URIError)
    return new AppError('VALIDATION_ERROR', 'The path holds a % that encodes nothing. Encode it as %25.', {
      field: 'path',
    });
  const body = thrown instanceof Error ? bodyError(thrown) : thrown;
  if (body instanceof AppError) return body;
  return new AppError('INTERNAL_ERROR', 'Something went wrong on our side. The request id finds it in the log.');
}
