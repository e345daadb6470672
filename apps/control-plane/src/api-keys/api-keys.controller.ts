import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import {
  ApiKey,
  ApiKeyId,
  ApiKeyQuery,
  Done,
  IssueApiKeyBody,
  IssuedApiKey,
  RotateApiKeyBody,
} from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { ApiKeysQueries } from './api-keys.queries.js';
import { ApiKeysService } from './api-keys.service.js';

@Controller('api-keys')
export class ApiKeysController {
  constructor(
    private readonly queries: ApiKeysQueries,
    private readonly keys: ApiKeysService,
  ) {}

  @Route({ summary: 'List API keys, masked', access: 'admin', response: list(ApiKey) })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: ApiKeyQuery }) query: ApiKeyQuery) {
    return this.queries.list(actor, query);
  }

  @Route({ summary: 'One API key, masked', access: 'admin', response: one(ApiKey), errors: [404] })
  @Get(':id')
  findOne(@CurrentActor() actor: RequestActor, @Param('id', { schema: ApiKeyId }) id: string) {
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Issue an API key',
    description: 'The key is shown in this answer and never again.',
    access: 'admin',
    status: 201,
    response: one(IssuedApiKey),
    secrets: ['key'],
  })
  @Post()
  issue(@CurrentActor() actor: RequestActor, @Body({ schema: IssueApiKeyBody }) body: IssueApiKeyBody) {
    return this.keys.issue(actor, body);
  }

  @Route({ summary: 'Revoke an API key at once', access: 'admin', response: one(Done), errors: [404, 409] })
  @Delete(':id')
  async revoke(@CurrentActor() actor: RequestActor, @Param('id', { schema: ApiKeyId }) id: string) {
    await this.keys.revoke(actor, id);
    return { done: true } as const;
  }

  @Route({
    summary: 'Replace an API key',
    description: 'The old key works until the overlap is over.',
    access: 'admin',
    status: 201,
    response: one(IssuedApiKey),
    errors: [404, 409],
    secrets: ['key'],
  })
  @Post(':id/rotate')
  rotate(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: ApiKeyId }) id: string,
    @Body({ schema: RotateApiKeyBody }) body: RotateApiKeyBody,
  ) {
    return this.keys.rotate(actor, id, body);
  }
}
