// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface ClearHealthInput {
  'clearId'?: (number | string | Long);
  'device'?: (string);
  'atMs'?: (number | string | Long);
  'by'?: (string);
}

export interface ClearHealth {
  'clearId': (number);
  'device': (string);
  'atMs': (number);
  'by': (string);
}
