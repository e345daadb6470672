// Original file: proto/flotilla/v1/agent.proto

import type { LiveDeviceInput as _flotilla_v1_LiveDeviceInput, LiveDevice as _flotilla_v1_LiveDevice } from '../../flotilla/v1/LiveDevice.js';
import type { GpuProcessInput as _flotilla_v1_GpuProcessInput, GpuProcess as _flotilla_v1_GpuProcess } from '../../flotilla/v1/GpuProcess.js';

export interface LiveInput {
  'devices'?: (_flotilla_v1_LiveDeviceInput)[];
  'processes'?: (_flotilla_v1_GpuProcessInput)[];
  'processesRead'?: (boolean);
}

export interface Live {
  'devices': (_flotilla_v1_LiveDevice)[];
  'processes': (_flotilla_v1_GpuProcess)[];
  'processesRead': (boolean);
}
