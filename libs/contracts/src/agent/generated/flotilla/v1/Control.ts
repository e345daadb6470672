// Original file: proto/flotilla/v1/agent.proto


export interface ControlInput {
  'kind'?: (string);
  'verbs'?: (string)[];
  'instanceIds'?: (string)[];
  'scope'?: ({[key: string]: string});
  'level'?: (string);
}

export interface Control {
  'kind': (string);
  'verbs': (string)[];
  'instanceIds': (string)[];
  'scope': ({[key: string]: string});
  'level': (string);
}
