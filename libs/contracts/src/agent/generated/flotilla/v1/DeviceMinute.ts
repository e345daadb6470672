// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface DeviceMinuteInput {
  'instanceId'?: (string);
  'device'?: (string);
  'minuteS'?: (number | string | Long);
  'intervalS'?: (number | string);
  'metrics'?: (number)[];
  'seconds'?: (Buffer | Uint8Array | string);
  'values'?: (Buffer | Uint8Array | string);
}

export interface DeviceMinute {
  'instanceId': (string);
  'device': (string);
  'minuteS': (number);
  'intervalS': (number);
  'metrics': (number)[];
  'seconds': (Buffer);
  'values': (Buffer);
}
