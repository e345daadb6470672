// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface KnownProcessInput {
  'device'?: (string);
  'pid'?: (number);
  'name'?: (string);
  'startedAtMs'?: (number | string | Long);
}

export interface KnownProcess {
  'device': (string);
  'pid': (number);
  'name': (string);
  'startedAtMs': (number);
}
