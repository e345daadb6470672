// Original file: proto/flotilla/v1/agent.proto

import type { SpoolInput as _flotilla_v1_SpoolInput, Spool as _flotilla_v1_Spool } from '../../flotilla/v1/Spool.js';
import type { CollectorStateInput as _flotilla_v1_CollectorStateInput, CollectorState as _flotilla_v1_CollectorState } from '../../flotilla/v1/CollectorState.js';
import type { Long } from '@grpc/proto-loader';

export interface HeartbeatInput {
  'nowMs'?: (number | string | Long);
  'runningActionIds'?: (string)[];
  'spool'?: (_flotilla_v1_SpoolInput | null);
  'collectors'?: (_flotilla_v1_CollectorStateInput)[];
}

export interface Heartbeat {
  'nowMs': (number);
  'runningActionIds': (string)[];
  'spool': (_flotilla_v1_Spool | null);
  'collectors': (_flotilla_v1_CollectorState)[];
}
