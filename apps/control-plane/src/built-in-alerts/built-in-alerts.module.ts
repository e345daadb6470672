import { Module } from '@nestjs/common';
import { AlertsModule } from '../alerts/index.js';
import { DecisionsModule } from '../decisions/index.js';
import { BuiltInAlertsJob } from './built-in-alerts.job.js';

@Module({ imports: [AlertsModule, DecisionsModule], providers: [BuiltInAlertsJob] })
export class BuiltInAlertsModule {}
