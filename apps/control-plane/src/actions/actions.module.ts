import { Module } from '@nestjs/common';
import { ActionsController } from './actions.controller.js';
import { ActionDispatch } from './actions.dispatch.js';
import { ActionsQueries } from './actions.queries.js';
import { ActionsService } from './actions.service.js';
import { ActionsWatch } from './actions.watch.js';
import { AgentActors } from './agent-actors.js';
import { Controllers } from './controllers.js';

@Module({
  controllers: [ActionsController],
  providers: [ActionDispatch, ActionsQueries, ActionsService, ActionsWatch, AgentActors, Controllers],
  exports: [ActionDispatch, ActionsService, AgentActors, Controllers],
})
export class ActionsModule {}
