// Original file: proto/flotilla/v1/agent.proto


export interface CancelOfferInput {
  'actionId'?: (string);
}

export interface CancelOffer {
  'actionId': (string);
}
