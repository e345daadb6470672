import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import {
  AdministerTenantBody,
  CreatedTenant,
  CreateTenantBody,
  Tenant,
  TenantQuery,
  UpdateTenantBody,
  UuidId,
} from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { TenantsQueries } from './tenants.queries.js';
import { TenantsService } from './tenants.service.js';

@Controller('tenants')
export class TenantsController {
  constructor(
    private readonly queries: TenantsQueries,
    private readonly service: TenantsService,
  ) {}

  @Route({ summary: 'List the tenants of this installation', access: 'platform_operator', response: list(Tenant) })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: TenantQuery }) query: TenantQuery) {
    return this.queries.list(actor, query);
  }

  @Route({ summary: 'One tenant', access: 'platform_operator', response: one(Tenant), errors: [404] })
  @Get(':id')
  findOne(@Param('id', { schema: UuidId }) id: string) {
    return this.queries.get(id);
  }

  @Route({
    summary: 'Create a tenant with its first owner',
    description: 'Answers with the link, shown once, with which the owner sets a password.',
    access: 'platform_operator',
    status: 201,
    response: one(CreatedTenant),
    secrets: ['token', 'url'],
  })
  @Post()
  create(@CurrentActor() actor: RequestActor, @Body({ schema: CreateTenantBody }) body: CreateTenantBody) {
    return this.service.create(actor, body);
  }

  @Route({
    summary: 'Rename, suspend or reactivate a tenant',
    access: 'platform_operator',
    response: one(Tenant),
    errors: [404, 409],
  })
  @Patch(':id')
  administer(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: UuidId }) id: string,
    @Body({ schema: AdministerTenantBody }) body: AdministerTenantBody,
  ) {
    return this.service.administer(actor, id, body);
  }
}

@Controller('tenant')
export class OwnTenantController {
  constructor(
    private readonly queries: TenantsQueries,
    private readonly service: TenantsService,
  ) {}

  @Route({ summary: "The caller's tenant and its settings", access: 'owner', response: one(Tenant) })
  @Get()
  own(@CurrentActor() actor: RequestActor) {
    return this.queries.own(actor);
  }

  @Route({ summary: "Change the tenant's settings", access: 'owner', response: one(Tenant) })
  @Patch()
  update(@CurrentActor() actor: RequestActor, @Body({ schema: UpdateTenantBody }) body: UpdateTenantBody) {
    return this.service.updateOwn(actor, body);
  }
}
