// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface HealthClearedInput {
  'clearId'?: (number | string | Long);
}

export interface HealthCleared {
  'clearId': (number);
}
