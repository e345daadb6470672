// Original file: proto/flotilla/v1/agent.proto

import type { EntryInput as _flotilla_v1_EntryInput, Entry as _flotilla_v1_Entry } from '../../flotilla/v1/Entry.js';
import type { Long } from '@grpc/proto-loader';

export interface BatchInput {
  'walEpoch'?: (number | string | Long);
  'firstSeq'?: (number | string | Long);
  'entries'?: (_flotilla_v1_EntryInput)[];
}

export interface Batch {
  'walEpoch': (number);
  'firstSeq': (number);
  'entries': (_flotilla_v1_Entry)[];
}
