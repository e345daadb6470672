// Original file: proto/flotilla/v1/agent.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AgentMessageInput as _flotilla_v1_AgentMessageInput, AgentMessage as _flotilla_v1_AgentMessage } from '../../flotilla/v1/AgentMessage.js';
import type { ControlMessageInput as _flotilla_v1_ControlMessageInput, ControlMessage as _flotilla_v1_ControlMessage } from '../../flotilla/v1/ControlMessage.js';

export interface AgentGatewayClient extends grpc.Client {
  Connect(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_flotilla_v1_AgentMessageInput, _flotilla_v1_ControlMessage>;
  Connect(options?: grpc.CallOptions): grpc.ClientDuplexStream<_flotilla_v1_AgentMessageInput, _flotilla_v1_ControlMessage>;
  connect(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_flotilla_v1_AgentMessageInput, _flotilla_v1_ControlMessage>;
  connect(options?: grpc.CallOptions): grpc.ClientDuplexStream<_flotilla_v1_AgentMessageInput, _flotilla_v1_ControlMessage>;
  
}

export interface AgentGatewayHandlers extends grpc.UntypedServiceImplementation {
  Connect: grpc.handleBidiStreamingCall<_flotilla_v1_AgentMessage, _flotilla_v1_ControlMessageInput>;
  
}

export interface AgentGatewayDefinition extends grpc.ServiceDefinition {
  Connect: MethodDefinition<_flotilla_v1_AgentMessageInput, _flotilla_v1_ControlMessageInput, _flotilla_v1_AgentMessage, _flotilla_v1_ControlMessage>
}
