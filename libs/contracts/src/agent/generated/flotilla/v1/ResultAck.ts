// Original file: proto/flotilla/v1/agent.proto


export interface ResultAckInput {
  'actionId'?: (string);
}

export interface ResultAck {
  'actionId': (string);
}
