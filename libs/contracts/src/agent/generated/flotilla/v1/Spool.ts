// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface SpoolInput {
  'oldestSeq'?: (number | string | Long);
  'newestSeq'?: (number | string | Long);
  'bytes'?: (number | string | Long);
  'droppedEntries'?: (number | string | Long);
  'degraded'?: (boolean);
}

export interface Spool {
  'oldestSeq': (number);
  'newestSeq': (number);
  'bytes': (number);
  'droppedEntries': (number);
  'degraded': (boolean);
}
