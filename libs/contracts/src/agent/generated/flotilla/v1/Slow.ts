// Original file: proto/flotilla/v1/agent.proto


export interface SlowInput {
  'intervalS'?: (number | string);
}

export interface Slow {
  'intervalS': (number);
}
