import { Module } from '@nestjs/common';
import { AlertRulesModule } from '../alert-rules/index.js';
import { ActionsModule } from '../actions/index.js';
import { AiSpendModule } from '../ai-spend/index.js';
import { CostsModule } from '../costs/index.js';
import { EnforcementPoliciesModule } from '../enforcement-policies/index.js';
import { InstancesModule } from '../instances/index.js';
import { MaintenanceWindowsModule } from '../maintenance-windows/index.js';
import { MetricsModule } from '../metrics/index.js';
import { NotificationChannelsModule } from '../notification-channels/index.js';
import { DemoController } from './demo-controller.js';
import { DemoDecisions } from './demo-decisions.js';
import { DemoFleets } from './demo-fleet.js';
import { DemoHistory } from './demo-history.js';
import { DemoMoney } from './demo-money.js';
import { DemoPower } from './demo-power.js';
import { DemoProcesses } from './demo-processes.js';
import { DemoService } from './demo.service.js';
import { DemoSessions } from './demo-sessions.js';
import { DemoTelemetry } from './demo-telemetry.js';

/** The simulated fleet. Does nothing until `DemoService.begin` is called, which only `FLOTILLA_DEMO=1` does. */
@Module({
  imports: [
    ActionsModule,
    AiSpendModule,
    AlertRulesModule,
    CostsModule,
    EnforcementPoliciesModule,
    InstancesModule,
    MaintenanceWindowsModule,
    MetricsModule,
    NotificationChannelsModule,
  ],
  providers: [
    DemoController,
    DemoDecisions,
    DemoFleets,
    DemoHistory,
    DemoMoney,
    DemoPower,
    DemoProcesses,
    DemoService,
    DemoSessions,
    DemoTelemetry,
  ],
  exports: [DemoMoney, DemoService],
})
export class DemoModule {}
