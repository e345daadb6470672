// Original file: proto/flotilla/v1/agent.proto

import type { DeviceInput as _flotilla_v1_DeviceInput, Device as _flotilla_v1_Device } from '../../flotilla/v1/Device.js';

export interface InventoryInput {
  'hash'?: (string);
  'instanceJson'?: (Buffer | Uint8Array | string);
  'devices'?: (_flotilla_v1_DeviceInput)[];
}

export interface Inventory {
  'hash': (string);
  'instanceJson': (Buffer);
  'devices': (_flotilla_v1_Device)[];
}
