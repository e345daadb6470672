export { AgentGatewayModule } from './agent-gateway.module.js';
export { AgentGateway, GATEWAY_OPTIONS } from './agent-gateway.service.js';
export { Gateway } from './agent-gateway.server.js';
export type { GatewayParts } from './agent-gateway.server.js';
export { DEFAULT_OPTIONS } from './agent-gateway.options.js';
export type { GatewayOptions } from './agent-gateway.options.js';
