import { Module } from '@nestjs/common';
import { DecisionHistoryModule } from '../decision-history/index.js';
import { PolicySimulationController } from './policy-simulation.controller.js';
import { PolicySimulationService } from './policy-simulation.service.js';

@Module({
  imports: [DecisionHistoryModule],
  controllers: [PolicySimulationController],
  providers: [PolicySimulationService],
  exports: [PolicySimulationService],
})
export class PolicySimulationModule {}
