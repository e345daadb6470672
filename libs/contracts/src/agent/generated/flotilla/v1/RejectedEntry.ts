// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface RejectedEntryInput {
  'seq'?: (number | string | Long);
  'reason'?: (string);
}

export interface RejectedEntry {
  'seq': (number);
  'reason': (string);
}
