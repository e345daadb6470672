// Original file: proto/flotilla/v1/agent.proto


export interface RecordInput {
  'section'?: (string);
  'json'?: (Buffer | Uint8Array | string);
}

export interface Record {
  'section': (string);
  'json': (Buffer);
}
