// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface RenewRequestInput {
  'agentId'?: (string);
  'csrPem'?: (string);
  'endedCertificatePem'?: (string);
  'proof'?: (Buffer | Uint8Array | string);
  'issuedAtMs'?: (number | string | Long);
}

export interface RenewRequest {
  'agentId': (string);
  'csrPem': (string);
  'endedCertificatePem': (string);
  'proof': (Buffer);
  'issuedAtMs': (number);
}
