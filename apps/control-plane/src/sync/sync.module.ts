import { Module } from '@nestjs/common';
import { ActionsModule } from '../actions/index.js';
import { AgentsModule } from '../agents/index.js';
import { AlertsModule } from '../alerts/index.js';
import { AiSpendModule } from '../ai-spend/index.js';
import { CostsModule } from '../costs/index.js';
import { InstancesModule } from '../instances/index.js';
import { MetricsModule } from '../metrics/index.js';
import { ErrorsRetention } from './errors.retention.js';
import { AlertsSection } from './sections/alerts.section.js';
import { AiSpendSection } from './sections/ai-spend.section.js';
import { CostsSection } from './sections/costs.section.js';
import { ErrorsSection } from './sections/errors.section.js';
import { InstancesSection } from './sections/instances.section.js';
import { MetricsSection } from './sections/metrics.section.js';
import { SyncController } from './sync.controller.js';
import { SyncSections } from './sync.sections.js';
import { SyncService } from './sync.service.js';

@Module({
  imports: [ActionsModule, AgentsModule, AlertsModule, AiSpendModule, CostsModule, InstancesModule, MetricsModule],
  controllers: [SyncController],
  providers: [
    AiSpendSection,
    AlertsSection,
    CostsSection,
    ErrorsRetention,
    ErrorsSection,
    InstancesSection,
    MetricsSection,
    SyncSections,
    SyncService,
  ],
  exports: [SyncSections],
})
export class SyncModule {}
