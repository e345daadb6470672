import { Body, Controller, Delete, Post, Req, Res } from '@nestjs/common';
import { BrowserSession, Done, LoginBody } from '@flotilla/contracts';
import type { Request, Response } from 'express';
import { CurrentActor, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { BrowserSessionsService } from './browser-sessions.service.js';

const HEADER = 'Needs the header `X-Flotilla-Console`, which a page of another site cannot send.';

@Controller('auth/browser-session')
export class BrowserSessionsController {
  constructor(private readonly browsers: BrowserSessionsService) {}

  @Route({
    summary: 'Log in from a browser',
    description: `The refresh token is set as an HttpOnly cookie. ${HEADER}`,
    access: 'public',
    response: one(BrowserSession),
    errors: [409],
    idempotent: false,
  })
  @Post()
  async login(
    @CurrentActor() actor: RequestActor,
    @Body({ schema: LoginBody }) body: LoginBody,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.browsers.login(actor, body, request, response);
  }

  @Route({
    summary: 'Go on with the session of this browser',
    description: `Exchanges the refresh token of the cookie: a page that was loaded anew has no access token. ${HEADER}`,
    access: 'public',
    response: one(BrowserSession),
    idempotent: false,
  })
  @Post('refresh')
  async refresh(
    @CurrentActor() actor: RequestActor,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.browsers.refresh(actor, request, response);
  }

  @Route({
    summary: 'Log out of this browser',
    description: `Ends the session and takes the cookie away. ${HEADER}`,
    access: 'authenticated',
    response: one(Done),
    idempotent: false,
  })
  @Delete()
  async logout(
    @CurrentActor() actor: RequestActor,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    await this.browsers.logout(actor, request, response);
    return { done: true } as const;
  }
}
