// Original file: proto/flotilla/v1/agent.proto

import type { KnownProcessInput as _flotilla_v1_KnownProcessInput, KnownProcess as _flotilla_v1_KnownProcess } from '../../flotilla/v1/KnownProcess.js';
import type { Long } from '@grpc/proto-loader';

export interface PreconditionInput {
  'force'?: (boolean);
  'idleSinceMs'?: (number | string | Long);
  'idleBelowPercent'?: (number | string);
  'generation'?: (number | string | Long);
  'processesAsked'?: (boolean);
  'knownProcesses'?: (_flotilla_v1_KnownProcessInput)[];
}

export interface Precondition {
  'force': (boolean);
  'idleSinceMs': (number);
  'idleBelowPercent': (number);
  'generation': (number);
  'processesAsked': (boolean);
  'knownProcesses': (_flotilla_v1_KnownProcess)[];
}
