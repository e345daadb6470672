// Original file: proto/flotilla/v1/agent.proto

import type { RejectedEntryInput as _flotilla_v1_RejectedEntryInput, RejectedEntry as _flotilla_v1_RejectedEntry } from '../../flotilla/v1/RejectedEntry.js';
import type { Long } from '@grpc/proto-loader';

export interface AckInput {
  'walEpoch'?: (number | string | Long);
  'throughSeq'?: (number | string | Long);
  'rejected'?: (_flotilla_v1_RejectedEntryInput)[];
}

export interface Ack {
  'walEpoch': (number);
  'throughSeq': (number);
  'rejected': (_flotilla_v1_RejectedEntry)[];
}
