import { Global, Module } from '@nestjs/common';
import { ActionsModule } from '../actions/index.js';
import { EnrollmentTrust } from '../agents/index.js';
import { InstancesModule } from '../instances/index.js';
import { MetricsModule } from '../metrics/index.js';
import { SyncModule } from '../sync/index.js';
import { gatewayPkiProviders, GatewayPki } from './agent-gateway.pki.js';
import { AgentGateway } from './agent-gateway.service.js';

/** Global, because the room agents needs the listener's trust for its tokens and stands below this one. */
@Global()
@Module({
  imports: [ActionsModule, InstancesModule, MetricsModule, SyncModule],
  providers: [...gatewayPkiProviders, AgentGateway],
  exports: [AgentGateway, GatewayPki, EnrollmentTrust],
})
export class AgentGatewayModule {}
