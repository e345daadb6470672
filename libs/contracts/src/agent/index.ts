export { AGENT_GRPC_MAX_MESSAGE_BYTES, AgentEnrollmentClient, AgentGatewayClient } from './client.js';
export { formatEnrollmentToken, parseEnrollmentToken, renewalProofText } from './enrollment-token.js';
export type { EnrollmentToken } from './enrollment-token.js';
export { agentEnrollmentService, agentGatewayService, messageCodec } from './loading.js';
export type { MessageCodec, MessageName } from './loading.js';
export type * from './generated/messages.gen.js';
export type { AgentEnrollmentHandlers } from './generated/flotilla/v1/AgentEnrollment.js';
export type { AgentGatewayHandlers } from './generated/flotilla/v1/AgentGateway.js';
