import { Module } from '@nestjs/common';
import type { DynamicModule, Type } from '@nestjs/common';
import { ActionsModule } from './actions/index.js';
import { AgentGatewayModule } from './agent-gateway/index.js';
import { AgentsModule } from './agents/index.js';
import { AlertRulesModule } from './alert-rules/index.js';
import { AlertsModule } from './alerts/index.js';
import { AiSpendModule } from './ai-spend/index.js';
import { AiWorkloadsModule } from './ai-workloads/index.js';
import { BuiltInAlertsModule } from './built-in-alerts/index.js';
import { BudgetsModule } from './budgets/index.js';
import { CostAllocationRulesModule } from './cost-allocation-rules/index.js';
import { CostsModule } from './costs/index.js';
import { CostSnapshotsModule } from './cost-snapshots/index.js';
import { CurrencyRatesModule } from './currency-rates/index.js';
import { DecisionHistoryModule } from './decision-history/index.js';
import { DecisionsModule } from './decisions/index.js';
import { DemoModule } from './demo/index.js';
import { EventsModule } from './events/index.js';
import { EnforcementPoliciesModule } from './enforcement-policies/index.js';
import { ExportsModule } from './exports/index.js';
import { InstancesModule } from './instances/index.js';
import { MaintenanceWindowsModule } from './maintenance-windows/index.js';
import { MetricsModule } from './metrics/index.js';
import { ApiKeysModule } from './api-keys/index.js';
import { AuditModule } from './audit/index.js';
import { AuthModule } from './auth/index.js';
import { MetaModule } from './meta/index.js';
import { NotificationChannelsModule } from './notification-channels/index.js';
import { PlatformModule } from './platform/index.js';
import type { PlatformParts } from './platform/index.js';
import { OtlpModule } from './otlp/index.js';
import { PolicySimulationModule } from './policy-simulation/index.js';
import { PricesModule } from './prices/index.js';
import { SavingsModule } from './savings/index.js';
import { StatsModule } from './stats/index.js';
import { StopGateModule } from './stop-gate/index.js';
import { StreamModule } from './stream/index.js';
import { SyncModule } from './sync/index.js';
import { TenantsModule } from './tenants/index.js';
import { UsersModule } from './users/index.js';
import { WebhooksModule } from './webhooks/index.js';

/** Every room of the house. */
export const ROOMS: readonly Type[] = [
  ActionsModule,
  AgentGatewayModule,
  AgentsModule,
  ApiKeysModule,
  AuditModule,
  AuthModule,
  AlertRulesModule,
  AlertsModule,
  AiSpendModule,
  AiWorkloadsModule,
  BuiltInAlertsModule,
  BudgetsModule,
  CostAllocationRulesModule,
  CostsModule,
  CostSnapshotsModule,
  CurrencyRatesModule,
  DecisionHistoryModule,
  DecisionsModule,
  DemoModule,
  EventsModule,
  EnforcementPoliciesModule,
  ExportsModule,
  InstancesModule,
  MaintenanceWindowsModule,
  MetaModule,
  MetricsModule,
  NotificationChannelsModule,
  OtlpModule,
  PolicySimulationModule,
  PricesModule,
  SavingsModule,
  StatsModule,
  StopGateModule,
  StreamModule,
  SyncModule,
  TenantsModule,
  UsersModule,
  WebhooksModule,
];

@Module({})
export class AppModule {
  static with(parts: PlatformParts): DynamicModule {
    return { module: AppModule, imports: [PlatformModule.with(parts), ...ROOMS] };
  }
}
