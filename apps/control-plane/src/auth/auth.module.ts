import { Module } from '@nestjs/common';
import { AuthController } from './auth.controller.js';
import { AuthQueries } from './auth.queries.js';
import { BrowserSessionsController } from './browser-sessions.controller.js';
import { BrowserSessionsService } from './browser-sessions.service.js';
import { InvitationsService } from './invitations.service.js';
import { LoginService } from './login.service.js';
import { Passwords } from './passwords.js';
import { SessionsService } from './sessions.service.js';

@Module({
  controllers: [AuthController, BrowserSessionsController],
  providers: [AuthQueries, BrowserSessionsService, InvitationsService, LoginService, Passwords, SessionsService],
  exports: [InvitationsService, Passwords, SessionsService],
})
export class AuthModule {}
