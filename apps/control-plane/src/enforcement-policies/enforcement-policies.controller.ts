import { Body, Controller, Delete, Get, Param, Patch, Post, Put, Query } from '@nestjs/common';
import {
  CreateEnforcementPolicyBody,
  Done,
  EnforcementPolicy,
  EnforcementPolicyQuery,
  EnforcementSettings,
  EnforcementSettingsBody,
  FromTemplateBody,
  Id,
  PolicyRun,
  PolicyRunQuery,
  PolicyTemplate,
  PolicyVersion,
  TemplateId,
  TogglePolicyBody,
  UpdateEnforcementPolicyBody,
} from '@flotilla/contracts';
import { z } from 'zod';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { EnforcementPoliciesQueries } from './enforcement-policies.queries.js';
import { EnforcementPoliciesService } from './enforcement-policies.service.js';
import { PolicyHistoryQueries } from './policy-history.queries.js';

@Controller('enforcement-policies')
export class EnforcementPoliciesController {
  constructor(
    private readonly queries: EnforcementPoliciesQueries,
    private readonly runs: PolicyHistoryQueries,
    private readonly policies: EnforcementPoliciesService,
  ) {}

  @Route({ summary: 'List enforcement policies', access: 'viewer', response: list(EnforcementPolicy) })
  @Get()
  findAll(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: EnforcementPolicyQuery }) query: EnforcementPolicyQuery,
  ) {
    return this.queries.list(actor, query);
  }

  @Route({
    summary: 'Make a policy',
    description:
      'It decides from the next whole minute on. Errors name the field and what mends it; what is allowed and worth a word is in `warnings`.',
    access: 'admin',
    status: 201,
    response: one(EnforcementPolicy),
    errors: [404, 409],
  })
  @Post()
  async create(
    @CurrentActor() actor: RequestActor,
    @Body({ schema: CreateEnforcementPolicyBody }) body: CreateEnforcementPolicyBody,
  ) {
    return this.queries.get(actor, await this.policies.create(actor, body));
  }

  @Route({
    summary: 'Templates of policies, each with a sentence of what it does',
    access: 'viewer',
    response: one(z.array(PolicyTemplate)),
  })
  @Get('templates')
  templates(@CurrentActor() actor: RequestActor) {
    return this.queries.templates(actor);
  }

  @Route({
    summary: 'Make a policy from a template',
    description: 'What the body names is other than in the template.',
    access: 'admin',
    status: 201,
    response: one(EnforcementPolicy),
    errors: [404, 409],
  })
  @Post('from-template/:templateId')
  async fromTemplate(
    @CurrentActor() actor: RequestActor,
    @Param('templateId', { schema: TemplateId }) templateId: string,
    @Body({ schema: FromTemplateBody }) body: FromTemplateBody,
  ) {
    return this.queries.get(actor, await this.policies.fromTemplate(actor, templateId, body));
  }

  @Route({ summary: 'What holds for all policies', access: 'viewer', response: one(EnforcementSettings) })
  @Get('settings')
  settings(@CurrentActor() actor: RequestActor) {
    return this.queries.settings(actor);
  }

  @Route({ summary: 'Change what holds for all policies', access: 'admin', response: one(EnforcementSettings) })
  @Put('settings')
  async changeSettings(
    @CurrentActor() actor: RequestActor,
    @Body({ schema: EnforcementSettingsBody }) body: EnforcementSettingsBody,
  ) {
    await this.policies.changeSettings(actor, body);
    return this.queries.settings(actor);
  }

  @Route({ summary: 'One policy', access: 'viewer', response: one(EnforcementPolicy), errors: [404] })
  @Get(':id')
  findOne(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Change a policy',
    description:
      'Fields that are left out stay as they are. A change is a new version and decides from the next minute on.',
    access: 'admin',
    response: one(EnforcementPolicy),
    errors: [404, 409],
  })
  @Put(':id')
  async update(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Body({ schema: UpdateEnforcementPolicyBody }) body: UpdateEnforcementPolicyBody,
  ) {
    await this.policies.update(actor, id, body);
    return this.queries.get(actor, id);
  }

  @Route({ summary: 'Switch a policy on or off', access: 'admin', response: one(EnforcementPolicy), errors: [404] })
  @Patch(':id/toggle')
  async toggle(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Body({ schema: TogglePolicyBody }) body: TogglePolicyBody,
  ) {
    await this.policies.toggle(actor, id, body);
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'When a policy triggered, with the numbers, what it did and what it left alone and why',
    access: 'viewer',
    response: list(PolicyRun),
    errors: [404],
  })
  @Get(':id/history')
  history(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Query({ schema: PolicyRunQuery }) query: PolicyRunQuery,
  ) {
    return this.runs.list(actor, id, query);
  }

  @Route({
    summary: 'What a policy said before, newest first',
    access: 'viewer',
    response: one(z.array(PolicyVersion)),
    errors: [404],
  })
  @Get(':id/versions')
  versions(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    return this.queries.versions(actor, id);
  }

  @Route({ summary: 'Delete a policy; its history stays', access: 'admin', response: one(Done), errors: [404] })
  @Delete(':id')
  async remove(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    await this.policies.remove(actor, id);
    return { done: true } as const;
  }
}
