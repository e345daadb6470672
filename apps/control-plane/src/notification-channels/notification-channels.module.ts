import { Module } from '@nestjs/common';
import { ChannelPosts } from './channel-posts.js';
import { ChannelSettings } from './channel-settings.js';
import { ChannelTestService } from './channel-test.service.js';
import { MailServer } from './email/mail-server.js';
import { NotificationChannelsController } from './notification-channels.controller.js';
import { NotificationChannelsQueries } from './notification-channels.queries.js';
import { NotificationChannelsService } from './notification-channels.service.js';
import { NotificationDeliveriesController } from './notification-deliveries.controller.js';
import { NotificationOutbox } from './notification-outbox.js';
import { NotificationPolicyController } from './notification-policy.controller.js';
import { NotificationPolicyQueries } from './notification-policy.queries.js';
import { NotificationPolicyService } from './notification-policy.service.js';
import { NotificationsSender } from './notifications.sender.js';

@Module({
  controllers: [NotificationDeliveriesController, NotificationChannelsController, NotificationPolicyController],
  providers: [
    ChannelPosts,
    ChannelSettings,
    ChannelTestService,
    MailServer,
    NotificationChannelsQueries,
    NotificationChannelsService,
    NotificationOutbox,
    NotificationPolicyQueries,
    NotificationPolicyService,
    NotificationsSender,
  ],
  exports: [NotificationChannelsService, NotificationOutbox],
})
export class NotificationChannelsModule {}
