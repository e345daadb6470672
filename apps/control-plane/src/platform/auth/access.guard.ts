import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Response } from 'express';
import { AppError } from '../errors/app-error.js';
import { RequestLimits } from '../rate-limit/request-limits.js';
import type { FlotillaRequest } from '../rest/actor.js';
import { readBody } from '../rest/body.js';
import { routeOf } from '../rest/route.js';
import { Authenticator } from './authenticator.js';
import { authorize } from './permissions.js';

/**
 * Stands before every route: who calls, how often, may they, and only then what they sent. A route without a
 * declaration lets nobody in.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly limits: RequestLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FlotillaRequest>();
    const response = context.switchToHttp().getResponse<Response>();
    const route = routeOf(context.getHandler());
    if (!route) throw new AppError('FORBIDDEN', 'This route does not say who may call it.');
    if (route.access === 'public') {
      if (route.rateClass !== 'none') this.limits.stranger(request, response);
    } else {
      request.actor = await this.known(request, response);
      await this.limits.caller(request.actor, route.rateClass ?? 'tenant', response);
      authorize(request.actor, route);
    }
    await readBody(request, response, route.body ?? 'json');
    return true;
  }

  private async known(request: FlotillaRequest, response: Response) {
    try {
      return await this.authenticator.authenticate(request);
    } catch (error) {
      // guessing keys is slowed down like any other knocking
      if (error instanceof AppError) this.limits.stranger(request, response);
      throw error;
    }
  }
}
