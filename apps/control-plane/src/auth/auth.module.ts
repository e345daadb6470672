import { Module } from '@nestjs/common';
import { AuthController } from './auth.controller.js';
import { AuthQueries } from './auth.queries.js';
import { InvitationsService } from './invitations.service.js';
import { LoginService } from './login.service.js';
import { Passwords } from './passwords.js';
import { SessionsService } from './sessions.service.js';

@Module({
  controllers: [AuthController],
  providers: [AuthQueries, InvitationsService, LoginService, Passwords, SessionsService],
  exports: [InvitationsService, Passwords, SessionsService],
})
export class AuthModule {}
