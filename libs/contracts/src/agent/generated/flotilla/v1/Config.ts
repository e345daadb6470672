// Original file: proto/flotilla/v1/agent.proto


export interface ConfigInput {
  'hash'?: (string);
  'intervalS'?: (number | string);
  'liveIntervalS'?: (number | string);
}

export interface Config {
  'hash': (string);
  'intervalS': (number);
  'liveIntervalS': (number);
}
