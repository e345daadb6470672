// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface GpuProcessInput {
  'device'?: (string);
  'pid'?: (number);
  'name'?: (string);
  'type'?: (string);
  'usedMemoryMib'?: (number | string | Long);
  'user'?: (string);
  '_usedMemoryMib'?: "usedMemoryMib";
}

export interface GpuProcess {
  'device': (string);
  'pid': (number);
  'name': (string);
  'type': (string);
  'usedMemoryMib'?: (number);
  'user': (string);
  '_usedMemoryMib'?: "usedMemoryMib";
}
