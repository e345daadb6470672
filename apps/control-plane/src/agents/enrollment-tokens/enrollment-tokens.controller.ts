import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import {
  Done,
  EnrollmentToken,
  EnrollmentTokenId,
  EnrollmentTokenQuery,
  MintedEnrollmentToken,
  NewEnrollmentTokenBody,
} from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../../platform/index.js';
import type { RequestActor } from '../../platform/index.js';
import { EnrollmentTokensQueries } from './enrollment-tokens.queries.js';
import { EnrollmentTokens } from './enrollment-tokens.service.js';

@Controller('agents/enrollment-tokens')
export class EnrollmentTokensController {
  constructor(
    private readonly queries: EnrollmentTokensQueries,
    private readonly tokens: EnrollmentTokens,
  ) {}

  @Route({ summary: 'List enrolment tokens, without their secrets', access: 'admin', response: list(EnrollmentToken) })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: EnrollmentTokenQuery }) query: EnrollmentTokenQuery) {
    return this.queries.list(actor, query);
  }

  @Route({
    summary: 'Make an enrolment token',
    description: 'The answer has the one line that adds a GPU host. The token is shown in this answer and never again.',
    access: 'admin',
    status: 201,
    response: one(MintedEnrollmentToken),
    secrets: ['token', 'install_command'],
  })
  @Post()
  async mint(
    @CurrentActor() actor: RequestActor,
    @Body({ schema: NewEnrollmentTokenBody }) body: NewEnrollmentTokenBody,
  ) {
    const minted = await this.tokens.mint(actor, {
      name: body.name,
      multiUse: body.multi_use,
      controls: body.controls,
      expiresInS: body.expires_in_seconds,
    });
    return {
      id: minted.id,
      name: body.name,
      multi_use: body.multi_use,
      controls: body.controls,
      expires_at: minted.expiresAt,
      created_at: minted.createdAt,
      token: minted.token,
      server: minted.server,
      install_command: minted.installCommand,
      note: minted.note,
    };
  }

  @Route({
    summary: 'Revoke an enrolment token',
    description: 'Hosts that enrolled with it stay.',
    access: 'admin',
    response: one(Done),
    errors: [404],
  })
  @Delete(':id')
  async revoke(@CurrentActor() actor: RequestActor, @Param('id', { schema: EnrollmentTokenId }) id: string) {
    await this.tokens.revoke(actor, id);
    return { done: true } as const;
  }
}
