import { Module } from '@nestjs/common';
import { EventsController } from './events.controller.js';
import { EventsJob } from './events.job.js';
import { EventsQueries } from './events.queries.js';

@Module({ controllers: [EventsController], providers: [EventsJob, EventsQueries] })
export class EventsModule {}
