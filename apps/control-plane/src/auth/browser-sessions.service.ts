import { Injectable } from '@nestjs/common';
import type { BrowserSession, LoginBody, Session } from '@flotilla/contracts';
import type { Request, Response } from 'express';
import { AppError, RequestLimits } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { assertFromConsole, clearCookie, readCookie, setCookie } from './browser-cookie.js';
import { LoginService } from './login.service.js';
import { SessionsService } from './sessions.service.js';

/** Sessions of the web console: the access token lives in the page's memory, the refresh token in an HttpOnly cookie. */
@Injectable()
export class BrowserSessionsService {
  constructor(
    private readonly logins: LoginService,
    private readonly sessions: SessionsService,
    private readonly limits: RequestLimits,
  ) {}

  /** Counts against the same limits as POST /auth/login. */
  async login(actor: RequestActor, body: LoginBody, request: Request, response: Response): Promise<BrowserSession> {
    assertFromConsole(request);
    await this.limits.throttle('login-address', `${actor.address}`, 30, response);
    await this.limits.throttle('login', `${actor.address} ${body.email}`, 5, response);
    return keep(await this.logins.login(actor, body), request, response);
  }

  /** @throws AppError AUTH_ERROR when there is no session any more; the cookie is taken away then */
  async refresh(actor: RequestActor, request: Request, response: Response): Promise<BrowserSession> {
    assertFromConsole(request);
    const token = readCookie(request);
    if (token === undefined) throw new AppError('AUTH_ERROR', 'This browser has no session. Log in.');
    await this.limits.throttle('refresh', await this.sessions.familyOf(token), 30, response);
    try {
      return keep(await this.sessions.refresh(actor, token), request, response);
    } catch (error) {
      if (error instanceof AppError && error.code === 'AUTH_ERROR') clearCookie(request, response);
      throw error;
    }
  }

  async logout(actor: RequestActor, request: Request, response: Response): Promise<void> {
    assertFromConsole(request);
    clearCookie(request, response);
    await this.sessions.logout(actor);
  }
}

function keep({ refreshToken, ...session }: Session, request: Request, response: Response): BrowserSession {
  setCookie(request, response, refreshToken);
  return session;
}
