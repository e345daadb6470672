import { Body, Controller, Get, Patch } from '@nestjs/common';
import { NotificationPolicy, UpdateNotificationPolicyBody } from '@flotilla/contracts';
import { CurrentActor, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { NotificationPolicyQueries } from './notification-policy.queries.js';
import { NotificationPolicyService } from './notification-policy.service.js';

@Controller('notifications/policy')
export class NotificationPolicyController {
  constructor(
    private readonly queries: NotificationPolicyQueries,
    private readonly policy: NotificationPolicyService,
  ) {}

  @Route({ summary: 'What holds for all channels', access: 'viewer', response: one(NotificationPolicy) })
  @Get()
  get(@CurrentActor() actor: RequestActor) {
    return this.queries.get(actor);
  }

  @Route({
    summary: 'Change quiet hours, digests, priorities and words for all channels',
    description: 'Fields that are left out stay as they are.',
    access: 'admin',
    response: one(NotificationPolicy),
  })
  @Patch()
  update(
    @CurrentActor() actor: RequestActor,
    @Body({ schema: UpdateNotificationPolicyBody }) body: UpdateNotificationPolicyBody,
  ) {
    return this.policy.update(actor, body);
  }
}
