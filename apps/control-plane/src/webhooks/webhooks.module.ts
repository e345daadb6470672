import { Module } from '@nestjs/common';
import { WebhookTest } from './webhook-test.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksJob } from './webhooks.job.js';
import { WebhooksQueries } from './webhooks.queries.js';
import { WebhooksService } from './webhooks.service.js';

@Module({
  controllers: [WebhooksController],
  providers: [WebhookTest, WebhooksJob, WebhooksQueries, WebhooksService],
})
export class WebhooksModule {}
