import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ActionRequestBody,
  BulkPower,
  BulkPowerBody,
  ClearHealthBody,
  GpuHealth,
  GpuProcessList,
  GpuUuid,
  IdleInstance,
  IdleInstanceQuery,
  IdleSummary,
  Instance,
  InstanceDetails,
  InstanceQuery,
  InstanceRef,
  InstanceRefQuery,
  PatchInstanceBody,
  QueuedAction,
} from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { GpuHealthService } from './gpu-health.service.js';
import { IdleInstancesQueries } from './idle.queries.js';
import { InstancesQueries } from './instances.queries.js';
import { InstancesService } from './instances.service.js';
import { ProcessesQueries } from './processes.queries.js';

@Controller('instances')
export class InstancesController {
  constructor(
    private readonly queries: InstancesQueries,
    private readonly processes: ProcessesQueries,
    private readonly idle: IdleInstancesQueries,
    private readonly instances: InstancesService,
    private readonly health: GpuHealthService,
  ) {}

  @Route({ summary: 'List instances', access: 'viewer', response: list(Instance) })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: InstanceQuery }) query: InstanceQuery) {
    return this.queries.list(actor, query);
  }

  @Route({
    summary: 'Instances that are idle now, most wasted first',
    description: 'All GPUs of an instance must be idle. Missing data is never idleness.',
    access: 'viewer',
    response: list(IdleInstance, { summary: IdleSummary }),
  })
  @Get('status/idle')
  findIdle(@CurrentActor() actor: RequestActor, @Query({ schema: IdleInstanceQuery }) query: IdleInstanceQuery) {
    return this.idle.list(actor, query);
  }

  @Route({
    summary: 'One instance with its GPUs, newest values, facts by source and open actions',
    access: 'viewer',
    response: one(InstanceDetails),
    errors: [404, 409],
  })
  @Get(':instanceId')
  findOne(
    @CurrentActor() actor: RequestActor,
    @Param('instanceId', { schema: InstanceRef }) ref: string,
    @Query({ schema: InstanceRefQuery }) query: InstanceRefQuery,
  ) {
    return this.queries.get(actor, ref, query.id_type);
  }

  @Route({
    summary: 'Change name, tags, price or protection',
    description: 'What a person says counts more than what a bill, a cloud or an agent says. null takes it back.',
    access: 'operator',
    response: one(InstanceDetails),
    errors: [404, 409],
  })
  @Patch(':instanceId')
  async patch(
    @CurrentActor() actor: RequestActor,
    @Param('instanceId', { schema: InstanceRef }) ref: string,
    @Query({ schema: InstanceRefQuery }) query: InstanceRefQuery,
    @Body({ schema: PatchInstanceBody }) body: PatchInstanceBody,
  ) {
    const id = await this.instances.patch(actor, ref, query.id_type, body);
    return this.queries.get(actor, String(id), 'numeric');
  }

  @Route({
    summary: 'GPU processes last reported',
    access: 'viewer',
    response: one(GpuProcessList),
    errors: [404, 409],
  })
  @Get(':instanceId/processes')
  findProcesses(
    @CurrentActor() actor: RequestActor,
    @Param('instanceId', { schema: InstanceRef }) ref: string,
    @Query({ schema: InstanceRefQuery }) query: InstanceRefQuery,
  ) {
    return this.processes.get(actor, ref, query.id_type);
  }

  @Route({
    summary: 'Queue a start; follow it at GET /actions/:id',
    access: 'operator',
    status: 202,
    response: one(QueuedAction),
    errors: [404, 409],
  })
  @Post(':instanceId/start')
  start(
    @CurrentActor() actor: RequestActor,
    @Param('instanceId', { schema: InstanceRef }) ref: string,
    @Query({ schema: InstanceRefQuery }) query: InstanceRefQuery,
    @Body({ schema: ActionRequestBody }) body: ActionRequestBody,
  ) {
    return this.instances.request(actor, ref, query.id_type, 'start', body);
  }

  @Route({
    summary: 'Queue a stop; follow it at GET /actions/:id',
    description:
      'Without force the host refuses if a GPU was busy in the last two minutes or becomes busy while the action waits.',
    access: 'operator',
    status: 202,
    response: one(QueuedAction),
    errors: [404, 409],
  })
  @Post(':instanceId/stop')
  stop(
    @CurrentActor() actor: RequestActor,
    @Param('instanceId', { schema: InstanceRef }) ref: string,
    @Query({ schema: InstanceRefQuery }) query: InstanceRefQuery,
    @Body({ schema: ActionRequestBody }) body: ActionRequestBody,
  ) {
    return this.instances.request(actor, ref, query.id_type, 'stop', body);
  }

  @Route({
    summary: 'Queue a start or a stop of several instances',
    description:
      'Each for itself: one that is refused holds none of the others up. What is accepted counts for all of them, and nothing can be forced: that is asked of one instance at a time.',
    access: 'operator',
    rateClass: 'bulk',
    status: 202,
    response: one(BulkPower),
  })
  @Post('bulk')
  bulk(@CurrentActor() actor: RequestActor, @Body({ schema: BulkPowerBody }) body: BulkPowerBody) {
    return this.instances.requestMany(actor, body);
  }

  @Route({
    summary: 'Say that a GPU is repaired',
    description:
      'The agent on its host is told: at once, or when it connects again. What is still wrong shows again when it gets worse or comes back.',
    access: 'operator',
    response: one(GpuHealth),
    errors: [404, 409],
  })
  @Post(':instanceId/gpus/:uuid/clear-health')
  clearHealth(
    @CurrentActor() actor: RequestActor,
    @Param('instanceId', { schema: InstanceRef }) ref: string,
    @Param('uuid', { schema: GpuUuid }) uuid: string,
    @Query({ schema: InstanceRefQuery }) query: InstanceRefQuery,
    @Body({ schema: ClearHealthBody }) body: ClearHealthBody,
  ) {
    return this.health.clear(actor, ref, query.id_type, uuid, body.comment ?? null);
  }
}
