import { Module } from '@nestjs/common';
import { NotificationChannelsModule } from '../notification-channels/index.js';
import { AlertDesk } from './alert-desk.js';
import { AlertTeller } from './alert-teller.js';
import { AlertsJob } from './alerts.job.js';

@Module({
  imports: [NotificationChannelsModule],
  providers: [AlertDesk, AlertTeller, AlertsJob],
  exports: [AlertDesk],
})
export class AlertsModule {}
