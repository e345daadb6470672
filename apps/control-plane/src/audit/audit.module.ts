import { Module } from '@nestjs/common';
import { AuditVerifier } from './audit-verification.js';
import { AuditRetentionJob } from './audit-retention.job.js';
import { AuditController } from './audit.controller.js';
import { AuditJob } from './audit.job.js';
import { AuditQueries } from './audit.queries.js';

@Module({ controllers: [AuditController], providers: [AuditJob, AuditQueries, AuditRetentionJob, AuditVerifier] })
export class AuditModule {}
