import { Module } from '@nestjs/common';
import { ActionDispatch } from './actions.dispatch.js';
import { ActionsService } from './actions.service.js';
import { ActionsWatch } from './actions.watch.js';
import { AgentActors } from './agent-actors.js';
import { Controllers } from './controllers.js';

@Module({
  providers: [ActionDispatch, ActionsService, ActionsWatch, AgentActors, Controllers],
  exports: [ActionDispatch, ActionsService, AgentActors, Controllers],
})
export class ActionsModule {}
