import { Module } from '@nestjs/common';
import { ActionsModule } from '../actions/index.js';
import { InstancesModule } from '../instances/index.js';
import { MetricsModule } from '../metrics/index.js';
import { ErrorsSection } from './sections/errors.section.js';
import { InstancesSection } from './sections/instances.section.js';
import { MetricsSection } from './sections/metrics.section.js';
import { SyncSections } from './sync.sections.js';

@Module({
  imports: [ActionsModule, InstancesModule, MetricsModule],
  providers: [ErrorsSection, InstancesSection, MetricsSection, SyncSections],
  exports: [SyncSections],
})
export class SyncModule {}
