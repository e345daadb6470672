// Original file: proto/flotilla/v1/agent.proto


export interface DrainInput {
  'reconnectAfterMs'?: (number);
  'jitterMs'?: (number);
}

export interface Drain {
  'reconnectAfterMs': (number);
  'jitterMs': (number);
}
