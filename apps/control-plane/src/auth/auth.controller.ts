import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import {
  AcceptInvitationBody,
  ChangePasswordBody,
  Done,
  InvitationToken,
  LoginBody,
  LoginTenant,
  Me,
  RefreshBody,
  Session,
} from '@flotilla/contracts';
import type { Response } from 'express';
import { z } from 'zod';
import { CurrentActor, one, RequestLimits, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { AuthQueries } from './auth.queries.js';
import { InvitationsService } from './invitations.service.js';
import { LoginService } from './login.service.js';
import { SessionsService } from './sessions.service.js';

const done = { done: true } as const;

@Controller('auth')
export class AuthController {
  constructor(
    private readonly logins: LoginService,
    private readonly sessions: SessionsService,
    private readonly invitations: InvitationsService,
    private readonly queries: AuthQueries,
    private readonly limits: RequestLimits,
  ) {}

  /** Throttled to 5 a minute per address and account, 30 per address. */
  @Route({ summary: 'Log in', access: 'public', response: one(Session), errors: [409], idempotent: false })
  @Post('login')
  async login(
    @CurrentActor() actor: RequestActor,
    @Body({ schema: LoginBody }) body: LoginBody,
    @Res({ passthrough: true }) response: Response,
  ) {
    await this.limits.throttle('login-address', `${actor.address}`, 30, response);
    await this.limits.throttle('login', `${actor.address} ${body.email}`, 5, response);
    return this.logins.login(actor, body);
  }

  @Route({
    summary: 'Exchange a refresh token for a new session',
    description: 'Each refresh token works once; reuse ends the whole session, except by its twin within 10 seconds.',
    access: 'public',
    response: one(Session),
    idempotent: false,
    requestExample: { refreshToken: 'flr_example' },
  })
  @Post('refresh-tokens')
  async refresh(
    @CurrentActor() actor: RequestActor,
    @Body({ schema: RefreshBody }) body: RefreshBody,
    @Res({ passthrough: true }) response: Response,
  ) {
    const token = body.refreshToken ?? body.refresh_token ?? '';
    await this.limits.throttle('refresh', await this.sessions.familyOf(token), 30, response);
    return this.sessions.refresh(actor, token);
  }

  @Route({ summary: 'End this session', access: 'authenticated', response: one(Done), idempotent: false })
  @Post('logout')
  async logout(@CurrentActor() actor: RequestActor) {
    await this.sessions.logout(actor);
    return done;
  }

  @Route({
    summary: "Change one's own password",
    description: 'Ends every other session of the user.',
    access: 'authenticated',
    response: one(Done),
    idempotent: false,
  })
  @Post('password')
  async password(
    @CurrentActor() actor: RequestActor,
    @Body({ schema: ChangePasswordBody }) body: ChangePasswordBody,
    @Res({ passthrough: true }) response: Response,
  ) {
    await this.limits.throttle('password', `${actor.tenantId} ${actor.userId}`, 5, response);
    await this.invitations.changePassword(actor, body);
    return done;
  }

  @Route({
    summary: 'Accept an invitation or a password reset',
    description: 'Sets the password and logs in. Works once.',
    access: 'public',
    response: one(Session),
    status: 201,
    errors: [404],
    idempotent: false,
  })
  @Post('invitations/:token/accept')
  async accept(
    @CurrentActor() actor: RequestActor,
    @Param('token', { schema: InvitationToken }) token: string,
    @Body({ schema: AcceptInvitationBody }) body: AcceptInvitationBody,
    @Res({ passthrough: true }) response: Response,
  ) {
    await this.limits.throttle('invitation', `${actor.address}`, 30, response);
    return this.invitations.accept(actor, token, body);
  }

  @Route({ summary: 'Tenants for the login picker', access: 'public', response: one(z.array(LoginTenant)) })
  @Get('tenants')
  async tenants(@CurrentActor() actor: RequestActor, @Res({ passthrough: true }) response: Response) {
    await this.limits.throttle('tenants', `${actor.address}`, 10, response);
    return this.queries.listedTenants();
  }

  @Route({ summary: 'Who am I', access: 'authenticated', response: one(Me) })
  @Get('me')
  me(@CurrentActor() actor: RequestActor) {
    return this.queries.me(actor);
  }
}
