// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface EnrollResponseInput {
  'agentId'?: (string);
  'certificatePem'?: (string);
  'caPem'?: (string);
  'notAfterMs'?: (number | string | Long);
  'tenantId'?: (string);
}

export interface EnrollResponse {
  'agentId': (string);
  'certificatePem': (string);
  'caPem': (string);
  'notAfterMs': (number);
  'tenantId': (string);
}
