// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface ActionResultInput {
  'actionId'?: (string);
  'fence'?: (number | string | Long);
  'outcome'?: (string);
  'message'?: (string);
  'exitCode'?: (number);
  'output'?: (string);
  'outputTruncated'?: (boolean);
  'startedAtMs'?: (number | string | Long);
  'finishedAtMs'?: (number | string | Long);
  'observedState'?: (string);
  '_exitCode'?: "exitCode";
}

export interface ActionResult {
  'actionId': (string);
  'fence': (number);
  'outcome': (string);
  'message': (string);
  'exitCode'?: (number);
  'output': (string);
  'outputTruncated': (boolean);
  'startedAtMs': (number);
  'finishedAtMs': (number);
  'observedState': (string);
  '_exitCode'?: "exitCode";
}
