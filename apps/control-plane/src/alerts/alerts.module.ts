import { Module } from '@nestjs/common';
import { NotificationChannelsModule } from '../notification-channels/index.js';
import { AlertDesk } from './alert-desk.js';
import { AlertTeller } from './alert-teller.js';
import { AlertsController } from './alerts.controller.js';
import { AlertsJob } from './alerts.job.js';
import { AlertsQueries } from './alerts.queries.js';
import { AlertsService } from './alerts.service.js';

@Module({
  imports: [NotificationChannelsModule],
  controllers: [AlertsController],
  providers: [AlertDesk, AlertTeller, AlertsJob, AlertsQueries, AlertsService],
  exports: [AlertDesk],
})
export class AlertsModule {}
