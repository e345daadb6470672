// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface PreconditionInput {
  'force'?: (boolean);
  'idleSinceMs'?: (number | string | Long);
  'idleBelowPercent'?: (number | string);
}

export interface Precondition {
  'force': (boolean);
  'idleSinceMs': (number);
  'idleBelowPercent': (number);
}
