// Original file: proto/flotilla/v1/agent.proto


export interface NvLinkInput {
  'index'?: (number);
  'active'?: (boolean);
  'speedGbps'?: (number | string);
  'version'?: (string);
  'remoteBusId'?: (string);
}

export interface NvLink {
  'index': (number);
  'active': (boolean);
  'speedGbps': (number);
  'version': (string);
  'remoteBusId': (string);
}
