import { Module } from '@nestjs/common';
import { AuditVerifier } from './audit-verification.js';
import { AuditController } from './audit.controller.js';
import { AuditJob } from './audit.job.js';
import { AuditQueries } from './audit.queries.js';

@Module({ controllers: [AuditController], providers: [AuditJob, AuditQueries, AuditVerifier] })
export class AuditModule {}
