// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface ActionAcceptedInput {
  'actionId'?: (string);
  'fence'?: (number | string | Long);
}

export interface ActionAccepted {
  'actionId': (string);
  'fence': (number);
}
