// Original file: proto/flotilla/v1/agent.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { EnrollRequestInput as _flotilla_v1_EnrollRequestInput, EnrollRequest as _flotilla_v1_EnrollRequest } from '../../flotilla/v1/EnrollRequest.js';
import type { EnrollResponseInput as _flotilla_v1_EnrollResponseInput, EnrollResponse as _flotilla_v1_EnrollResponse } from '../../flotilla/v1/EnrollResponse.js';
import type { LeaveRequestInput as _flotilla_v1_LeaveRequestInput, LeaveRequest as _flotilla_v1_LeaveRequest } from '../../flotilla/v1/LeaveRequest.js';
import type { LeaveResponseInput as _flotilla_v1_LeaveResponseInput, LeaveResponse as _flotilla_v1_LeaveResponse } from '../../flotilla/v1/LeaveResponse.js';
import type { RenewRequestInput as _flotilla_v1_RenewRequestInput, RenewRequest as _flotilla_v1_RenewRequest } from '../../flotilla/v1/RenewRequest.js';
import type { RenewResponseInput as _flotilla_v1_RenewResponseInput, RenewResponse as _flotilla_v1_RenewResponse } from '../../flotilla/v1/RenewResponse.js';

export interface AgentEnrollmentClient extends grpc.Client {
  Enroll(argument: _flotilla_v1_EnrollRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_flotilla_v1_EnrollResponse>): grpc.ClientUnaryCall;
  Enroll(argument: _flotilla_v1_EnrollRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_flotilla_v1_EnrollResponse>): grpc.ClientUnaryCall;
  Enroll(argument: _flotilla_v1_EnrollRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_flotilla_v1_EnrollResponse>): grpc.ClientUnaryCall;
  Enroll(argument: _flotilla_v1_EnrollRequestInput, callback: grpc.requestCallback<_flotilla_v1_EnrollResponse>): grpc.ClientUnaryCall;
  enroll(argument: _flotilla_v1_EnrollRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_flotilla_v1_EnrollResponse>): grpc.ClientUnaryCall;
  enroll(argument: _flotilla_v1_EnrollRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_flotilla_v1_EnrollResponse>): grpc.ClientUnaryCall;
  enroll(argument: _flotilla_v1_EnrollRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_flotilla_v1_EnrollResponse>): grpc.ClientUnaryCall;
  enroll(argument: _flotilla_v1_EnrollRequestInput, callback: grpc.requestCallback<_flotilla_v1_EnrollResponse>): grpc.ClientUnaryCall;
  
  Leave(argument: _flotilla_v1_LeaveRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_flotilla_v1_LeaveResponse>): grpc.ClientUnaryCall;
  Leave(argument: _flotilla_v1_LeaveRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_flotilla_v1_LeaveResponse>): grpc.ClientUnaryCall;
  Leave(argument: _flotilla_v1_LeaveRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_flotilla_v1_LeaveResponse>): grpc.ClientUnaryCall;
  Leave(argument: _flotilla_v1_LeaveRequestInput, callback: grpc.requestCallback<_flotilla_v1_LeaveResponse>): grpc.ClientUnaryCall;
  leave(argument: _flotilla_v1_LeaveRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_flotilla_v1_LeaveResponse>): grpc.ClientUnaryCall;
  leave(argument: _flotilla_v1_LeaveRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_flotilla_v1_LeaveResponse>): grpc.ClientUnaryCall;
  leave(argument: _flotilla_v1_LeaveRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_flotilla_v1_LeaveResponse>): grpc.ClientUnaryCall;
  leave(argument: _flotilla_v1_LeaveRequestInput, callback: grpc.requestCallback<_flotilla_v1_LeaveResponse>): grpc.ClientUnaryCall;
  
  Renew(argument: _flotilla_v1_RenewRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_flotilla_v1_RenewResponse>): grpc.ClientUnaryCall;
  Renew(argument: _flotilla_v1_RenewRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_flotilla_v1_RenewResponse>): grpc.ClientUnaryCall;
  Renew(argument: _flotilla_v1_RenewRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_flotilla_v1_RenewResponse>): grpc.ClientUnaryCall;
  Renew(argument: _flotilla_v1_RenewRequestInput, callback: grpc.requestCallback<_flotilla_v1_RenewResponse>): grpc.ClientUnaryCall;
  renew(argument: _flotilla_v1_RenewRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_flotilla_v1_RenewResponse>): grpc.ClientUnaryCall;
  renew(argument: _flotilla_v1_RenewRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_flotilla_v1_RenewResponse>): grpc.ClientUnaryCall;
  renew(argument: _flotilla_v1_RenewRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_flotilla_v1_RenewResponse>): grpc.ClientUnaryCall;
  renew(argument: _flotilla_v1_RenewRequestInput, callback: grpc.requestCallback<_flotilla_v1_RenewResponse>): grpc.ClientUnaryCall;
  
}

export interface AgentEnrollmentHandlers extends grpc.UntypedServiceImplementation {
  Enroll: grpc.handleUnaryCall<_flotilla_v1_EnrollRequest, _flotilla_v1_EnrollResponseInput>;
  
  Leave: grpc.handleUnaryCall<_flotilla_v1_LeaveRequest, _flotilla_v1_LeaveResponseInput>;
  
  Renew: grpc.handleUnaryCall<_flotilla_v1_RenewRequest, _flotilla_v1_RenewResponseInput>;
  
}

export interface AgentEnrollmentDefinition extends grpc.ServiceDefinition {
  Enroll: MethodDefinition<_flotilla_v1_EnrollRequestInput, _flotilla_v1_EnrollResponseInput, _flotilla_v1_EnrollRequest, _flotilla_v1_EnrollResponse>
  Leave: MethodDefinition<_flotilla_v1_LeaveRequestInput, _flotilla_v1_LeaveResponseInput, _flotilla_v1_LeaveRequest, _flotilla_v1_LeaveResponse>
  Renew: MethodDefinition<_flotilla_v1_RenewRequestInput, _flotilla_v1_RenewResponseInput, _flotilla_v1_RenewRequest, _flotilla_v1_RenewResponse>
}
