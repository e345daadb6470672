import type { ChannelCredentials, ClientOptions } from '@grpc/grpc-js';
import { agentPackage } from './loading.js';
import type { AgentEnrollmentClient as EnrollmentClient } from './generated/flotilla/v1/AgentEnrollment.js';
import type { AgentGatewayClient as GatewayClient } from './generated/flotilla/v1/AgentGateway.js';

type ClientConstructor<C> = new (address: string, credentials: ChannelCredentials, options?: ClientOptions) => C;

/** The largest message that either side takes, in bytes; a larger one ends the call with RESOURCE_EXHAUSTED. */
export const AGENT_GRPC_MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** Client of the stream: `new AgentGatewayClient(address, credentials).connect()`. */
export type AgentGatewayClient = GatewayClient;
export const AgentGatewayClient = agentPackage.AgentGateway as unknown as ClientConstructor<GatewayClient>;

/** Client of enrolment and renewal. */
export type AgentEnrollmentClient = EnrollmentClient;
export const AgentEnrollmentClient = agentPackage.AgentEnrollment as unknown as ClientConstructor<EnrollmentClient>;
