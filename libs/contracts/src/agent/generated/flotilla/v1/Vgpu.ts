// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface VgpuInput {
  'uuid'?: (string);
  'type'?: (string);
  'vmId'?: (string);
  'vmName'?: (string);
  'memoryTotalMib'?: (number | string | Long);
  'memoryUsedMib'?: (number | string | Long);
  'licensed'?: (boolean);
  '_memoryTotalMib'?: "memoryTotalMib";
  '_memoryUsedMib'?: "memoryUsedMib";
  '_licensed'?: "licensed";
}

export interface Vgpu {
  'uuid': (string);
  'type': (string);
  'vmId': (string);
  'vmName': (string);
  'memoryTotalMib'?: (number);
  'memoryUsedMib'?: (number);
  'licensed'?: (boolean);
  '_memoryTotalMib'?: "memoryTotalMib";
  '_memoryUsedMib'?: "memoryUsedMib";
  '_licensed'?: "licensed";
}
