// Original file: proto/flotilla/v1/agent.proto


export interface CollectorStateInput {
  'name'?: (string);
  'state'?: (string);
  'message'?: (string);
}

export interface CollectorState {
  'name': (string);
  'state': (string);
  'message': (string);
}
