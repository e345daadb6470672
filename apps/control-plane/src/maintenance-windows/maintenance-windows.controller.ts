import { Body, Controller, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import {
  CreateMaintenanceWindowBody,
  Done,
  Id,
  MaintenanceOpenings,
  MaintenanceOpeningsQuery,
  MaintenancePreview,
  MaintenanceWindow,
  MaintenanceWindowQuery,
  UpdateMaintenanceWindowBody,
} from '@flotilla/contracts';
import { z } from 'zod';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { MaintenanceWindowsQueries } from './maintenance-windows.queries.js';
import { MaintenanceWindowsService } from './maintenance-windows.service.js';

@Controller('maintenance-windows')
export class MaintenanceWindowsController {
  constructor(
    private readonly queries: MaintenanceWindowsQueries,
    private readonly windows: MaintenanceWindowsService,
  ) {}

  @Route({
    summary: 'List maintenance windows, with when each opens next',
    access: 'viewer',
    response: list(MaintenanceWindow),
  })
  @Get()
  findAll(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: MaintenanceWindowQuery }) query: MaintenanceWindowQuery,
  ) {
    return this.queries.list(actor, query);
  }

  @Route({
    summary: 'Make a maintenance window',
    description:
      'While it is open, alerts and policies about what it covers keep still: they are recorded and name the window. A recurring window opens and closes by the clock of its time zone, also in the night in which clocks change.',
    access: 'admin',
    status: 201,
    response: one(MaintenanceWindow),
    errors: [404],
  })
  @Post()
  async create(
    @CurrentActor() actor: RequestActor,
    @Body({ schema: CreateMaintenanceWindowBody }) body: CreateMaintenanceWindowBody,
  ) {
    return this.queries.get(actor, await this.windows.create(actor, body));
  }

  @Route({
    summary: 'Maintenance windows that are open now',
    access: 'viewer',
    response: one(z.array(MaintenanceWindow)),
  })
  @Get('active')
  active(@CurrentActor() actor: RequestActor) {
    return this.queries.active(actor);
  }

  @Route({
    summary: 'When maintenance windows are open in a span of time, for a calendar',
    access: 'viewer',
    response: one(MaintenanceOpenings),
  })
  @Get('openings')
  openings(
    @CurrentActor() actor: RequestActor,
    @Query({ schema: MaintenanceOpeningsQuery }) query: MaintenanceOpeningsQuery,
  ) {
    return this.queries.openings(actor, query);
  }

  @Route({
    summary: 'When a maintenance window would open, without making it',
    description: 'Takes the body of a window as it is, and refuses what making it would refuse.',
    access: 'viewer',
    status: 200,
    response: one(MaintenancePreview),
    errors: [404],
  })
  @Post('preview')
  preview(
    @CurrentActor() actor: RequestActor,
    @Body({ schema: CreateMaintenanceWindowBody }) body: CreateMaintenanceWindowBody,
  ) {
    return this.windows.preview(actor, body);
  }

  @Route({ summary: 'One maintenance window', access: 'viewer', response: one(MaintenanceWindow), errors: [404] })
  @Get(':id')
  findOne(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Change a maintenance window',
    description: 'Fields that are left out stay as they are. An open window closes at once where its times say so.',
    access: 'admin',
    response: one(MaintenanceWindow),
    errors: [404],
  })
  @Put(':id')
  async update(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Body({ schema: UpdateMaintenanceWindowBody }) body: UpdateMaintenanceWindowBody,
  ) {
    await this.windows.update(actor, id, body);
    return this.queries.get(actor, id);
  }

  @Route({ summary: 'Delete a maintenance window', access: 'admin', response: one(Done), errors: [404] })
  @Delete(':id')
  async remove(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    await this.windows.remove(actor, id);
    return { done: true } as const;
  }
}
