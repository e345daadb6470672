// Original file: proto/flotilla/v1/agent.proto

import type { MachineFactsInput as _flotilla_v1_MachineFactsInput, MachineFacts as _flotilla_v1_MachineFacts } from '../../flotilla/v1/MachineFacts.js';

export interface EnrollRequestInput {
  'token'?: (string);
  'csrPem'?: (string);
  'machine'?: (_flotilla_v1_MachineFactsInput | null);
}

export interface EnrollRequest {
  'token': (string);
  'csrPem': (string);
  'machine': (_flotilla_v1_MachineFacts | null);
}
