// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface DeviceInput {
  'kind'?: (string);
  'uuid'?: (string);
  'index'?: (number);
  'parentUuid'?: (string);
  'model'?: (string);
  'memoryTotalMib'?: (number | string | Long);
  'driverVersion'?: (string);
  'pciBusId'?: (string);
  'serial'?: (string);
  'migEnabled'?: (boolean);
  'absences'?: ({[key: number]: string});
  'presence'?: (string);
  'health'?: (string);
  'healthReason'?: (string);
  '_index'?: "index";
  '_memoryTotalMib'?: "memoryTotalMib";
  '_migEnabled'?: "migEnabled";
}

export interface Device {
  'kind': (string);
  'uuid': (string);
  'index'?: (number);
  'parentUuid': (string);
  'model': (string);
  'memoryTotalMib'?: (number);
  'driverVersion': (string);
  'pciBusId': (string);
  'serial': (string);
  'migEnabled'?: (boolean);
  'absences': ({[key: number]: string});
  'presence': (string);
  'health': (string);
  'healthReason': (string);
  '_index'?: "index";
  '_memoryTotalMib'?: "memoryTotalMib";
  '_migEnabled'?: "migEnabled";
}
