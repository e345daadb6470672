import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { Done, Id, InvitedUser, InviteUserBody, UpdateUserBody, User, UserQuery } from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { UsersQueries } from './users.queries.js';
import { UsersService } from './users.service.js';

@Controller('users')
export class UsersController {
  constructor(
    private readonly queries: UsersQueries,
    private readonly users: UsersService,
  ) {}

  @Route({ summary: 'List users', access: 'admin', response: list(User) })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: UserQuery }) query: UserQuery) {
    return this.queries.list(actor, query);
  }

  @Route({ summary: 'One user', access: 'admin', response: one(User), errors: [404] })
  @Get(':id')
  findOne(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Invite a user',
    description: 'Answers with a link, shown once, with which the person sets a password.',
    access: 'admin',
    status: 201,
    response: one(InvitedUser),
    errors: [409],
    secrets: ['token', 'url'],
  })
  @Post()
  invite(@CurrentActor() actor: RequestActor, @Body({ schema: InviteUserBody }) body: InviteUserBody) {
    return this.users.invite(actor, body);
  }

  @Route({ summary: 'Change name, role or status', access: 'admin', response: one(User), errors: [404, 409] })
  @Patch(':id')
  update(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Body({ schema: UpdateUserBody }) body: UpdateUserBody,
  ) {
    return this.users.update(actor, id, body);
  }

  @Route({ summary: 'Delete a user', access: 'admin', response: one(Done), errors: [404, 409] })
  @Delete(':id')
  async remove(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    await this.users.remove(actor, id);
    return { done: true } as const;
  }

  @Route({
    summary: 'Make a link that sets a new password',
    description: 'Shown once. Invites again a user who never accepted.',
    access: 'admin',
    status: 201,
    response: one(InvitedUser),
    errors: [404, 409],
    secrets: ['token', 'url'],
  })
  @Post(':id/reset-password')
  resetPassword(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    return this.users.resetPassword(actor, id);
  }
}
