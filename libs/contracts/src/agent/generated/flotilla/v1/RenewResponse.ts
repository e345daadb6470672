// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface RenewResponseInput {
  'certificatePem'?: (string);
  'caPem'?: (string);
  'notAfterMs'?: (number | string | Long);
}

export interface RenewResponse {
  'certificatePem': (string);
  'caPem': (string);
  'notAfterMs': (number);
}
