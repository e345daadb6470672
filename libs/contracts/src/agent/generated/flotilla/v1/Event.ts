// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface EventInput {
  'atMs'?: (number | string | Long);
  'kind'?: (string);
  'severity'?: (string);
  'device'?: (string);
  'message'?: (string);
  'detailsJson'?: (string);
}

export interface Event {
  'atMs': (number);
  'kind': (string);
  'severity': (string);
  'device': (string);
  'message': (string);
  'detailsJson': (string);
}
