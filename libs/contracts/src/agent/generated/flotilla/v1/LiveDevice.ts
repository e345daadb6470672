// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface LiveDeviceInput {
  'instanceId'?: (string);
  'device'?: (string);
  'atMs'?: (number | string | Long);
  'metrics'?: (number)[];
  'values'?: (Buffer | Uint8Array | string);
}

export interface LiveDevice {
  'instanceId': (string);
  'device': (string);
  'atMs': (number);
  'metrics': (number)[];
  'values': (Buffer);
}
