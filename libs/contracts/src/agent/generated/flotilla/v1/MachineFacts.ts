// Original file: proto/flotilla/v1/agent.proto


export interface MachineFactsInput {
  'hostname'?: (string);
  'machineFingerprint'?: (string);
  'os'?: (string);
  'kernel'?: (string);
  'arch'?: (string);
  'agentVersion'?: (string);
}

export interface MachineFacts {
  'hostname': (string);
  'machineFingerprint': (string);
  'os': (string);
  'kernel': (string);
  'arch': (string);
  'agentVersion': (string);
}
