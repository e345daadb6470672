import { Module } from '@nestjs/common';
import { InstanceStopGateController, StopGateController } from './stop-gate.controller.js';
import { StopGateQueries } from './stop-gate.queries.js';
import { StopGateService } from './stop-gate.service.js';

@Module({
  controllers: [StopGateController, InstanceStopGateController],
  providers: [StopGateQueries, StopGateService],
})
export class StopGateModule {}
