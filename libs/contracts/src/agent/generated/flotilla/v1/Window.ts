// Original file: proto/flotilla/v1/agent.proto


export interface WindowInput {
  'batches'?: (number);
}

export interface Window {
  'batches': (number);
}
