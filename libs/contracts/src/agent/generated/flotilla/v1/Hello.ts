// Original file: proto/flotilla/v1/agent.proto

import type { ControlInput as _flotilla_v1_ControlInput, Control as _flotilla_v1_Control } from '../../flotilla/v1/Control.js';
import type { SpoolInput as _flotilla_v1_SpoolInput, Spool as _flotilla_v1_Spool } from '../../flotilla/v1/Spool.js';
import type { MachineFactsInput as _flotilla_v1_MachineFactsInput, MachineFacts as _flotilla_v1_MachineFacts } from '../../flotilla/v1/MachineFacts.js';
import type { Long } from '@grpc/proto-loader';

export interface HelloInput {
  'agentId'?: (string);
  'bootId'?: (string);
  'walEpoch'?: (number | string | Long);
  'agentVersion'?: (string);
  'minProtocol'?: (number);
  'maxProtocol'?: (number);
  'capabilities'?: (string)[];
  'controls'?: (_flotilla_v1_ControlInput)[];
  'intervalS'?: (number | string);
  'inventoryHash'?: (string);
  'runningActionIds'?: (string)[];
  'unackedResultActionIds'?: (string)[];
  'spool'?: (_flotilla_v1_SpoolInput | null);
  'machine'?: (_flotilla_v1_MachineFactsInput | null);
  'nowMs'?: (number | string | Long);
}

export interface Hello {
  'agentId': (string);
  'bootId': (string);
  'walEpoch': (number);
  'agentVersion': (string);
  'minProtocol': (number);
  'maxProtocol': (number);
  'capabilities': (string)[];
  'controls': (_flotilla_v1_Control)[];
  'intervalS': (number);
  'inventoryHash': (string);
  'runningActionIds': (string)[];
  'unackedResultActionIds': (string)[];
  'spool': (_flotilla_v1_Spool | null);
  'machine': (_flotilla_v1_MachineFacts | null);
  'nowMs': (number);
}
