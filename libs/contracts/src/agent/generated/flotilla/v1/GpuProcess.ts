// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface GpuProcessInput {
  'device'?: (string);
  'pid'?: (number);
  'name'?: (string);
  'type'?: (string);
  'usedMemoryMib'?: (number | string | Long);
  'user'?: (string);
  'startedAtMs'?: (number | string | Long);
  'containerId'?: (string);
  'containerName'?: (string);
  'podUid'?: (string);
  'podName'?: (string);
  'podNamespace'?: (string);
  'slurmJobId'?: (string);
  'command'?: (string);
  'smPercent'?: (number | string);
  '_usedMemoryMib'?: "usedMemoryMib";
  '_smPercent'?: "smPercent";
}

export interface GpuProcess {
  'device': (string);
  'pid': (number);
  'name': (string);
  'type': (string);
  'usedMemoryMib'?: (number);
  'user': (string);
  'startedAtMs': (number);
  'containerId': (string);
  'containerName': (string);
  'podUid': (string);
  'podName': (string);
  'podNamespace': (string);
  'slurmJobId': (string);
  'command': (string);
  'smPercent'?: (number);
  '_usedMemoryMib'?: "usedMemoryMib";
  '_smPercent'?: "smPercent";
}
