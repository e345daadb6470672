// Original file: proto/flotilla/v1/agent.proto


export interface QueryInput {
  'actionId'?: (string);
}

export interface Query {
  'actionId': (string);
}
