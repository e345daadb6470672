import protobuf from 'protobufjs';
import type { Type } from 'protobufjs';

/**
 * What we read of OTLP's ExportTraceServiceRequest, and what we answer: field numbers of OTLP 1.x, which never change.
 * Fields that are not here (events, links, scopes) are skipped by the decoder.
 */
const SCHEMA = `
  syntax = "proto3";
  message TracesRequest { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1;
    bytes span_id = 2;
    string name = 5;
    uint32 kind = 6;
    fixed64 start_time_unix_nano = 7;
    fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9;
    Status status = 15;
  }
  message Status { string message = 2; uint32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue {
    oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; }
  }
  message TracesAnswer { PartialSuccess partial_success = 1; }
  message PartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
  message Refusal { int32 code = 1; string message = 2; }
`;

const root = protobuf.parse(SCHEMA).root;

export const TracesRequest: Type = root.lookupType('TracesRequest');
export const TracesAnswer: Type = root.lookupType('TracesAnswer');
/** google.rpc.Status, by which OTLP tells what went wrong. */
export const Refusal: Type = root.lookupType('Refusal');
