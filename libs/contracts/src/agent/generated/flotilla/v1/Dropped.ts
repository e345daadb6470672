// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface DroppedInput {
  'reason'?: (string);
  'fromMinuteS'?: (number | string | Long);
  'toMinuteS'?: (number | string | Long);
  'entries'?: (number | string | Long);
}

export interface Dropped {
  'reason': (string);
  'fromMinuteS': (number);
  'toMinuteS': (number);
  'entries': (number);
}
