// Original file: proto/flotilla/v1/agent.proto

import type { DeviceMinuteInput as _flotilla_v1_DeviceMinuteInput, DeviceMinute as _flotilla_v1_DeviceMinute } from '../../flotilla/v1/DeviceMinute.js';
import type { EventInput as _flotilla_v1_EventInput, Event as _flotilla_v1_Event } from '../../flotilla/v1/Event.js';
import type { RecordInput as _flotilla_v1_RecordInput, Record as _flotilla_v1_Record } from '../../flotilla/v1/Record.js';
import type { DroppedInput as _flotilla_v1_DroppedInput, Dropped as _flotilla_v1_Dropped } from '../../flotilla/v1/Dropped.js';

export interface EntryInput {
  'minute'?: (_flotilla_v1_DeviceMinuteInput | null);
  'event'?: (_flotilla_v1_EventInput | null);
  'record'?: (_flotilla_v1_RecordInput | null);
  'dropped'?: (_flotilla_v1_DroppedInput | null);
  'body'?: "minute"|"event"|"record"|"dropped";
}

export interface Entry {
  'minute'?: (_flotilla_v1_DeviceMinute | null);
  'event'?: (_flotilla_v1_Event | null);
  'record'?: (_flotilla_v1_Record | null);
  'dropped'?: (_flotilla_v1_Dropped | null);
  'body'?: "minute"|"event"|"record"|"dropped";
}
