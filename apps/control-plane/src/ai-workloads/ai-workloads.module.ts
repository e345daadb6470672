import { Module } from '@nestjs/common';
import { AiWorkloadsController } from './ai-workloads.controller.js';
import { AiWorkloadsQueries } from './ai-workloads.queries.js';
import { AiWorkloadsService } from './ai-workloads.service.js';

@Module({ controllers: [AiWorkloadsController], providers: [AiWorkloadsQueries, AiWorkloadsService] })
export class AiWorkloadsModule {}
