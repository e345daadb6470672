// Original file: proto/flotilla/v1/agent.proto

import type { HealthEpisodeInput as _flotilla_v1_HealthEpisodeInput, HealthEpisode as _flotilla_v1_HealthEpisode } from '../../flotilla/v1/HealthEpisode.js';
import type { NvLinkInput as _flotilla_v1_NvLinkInput, NvLink as _flotilla_v1_NvLink } from '../../flotilla/v1/NvLink.js';
import type { VgpuInput as _flotilla_v1_VgpuInput, Vgpu as _flotilla_v1_Vgpu } from '../../flotilla/v1/Vgpu.js';
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
  'healthEvidence'?: (string);
  'advisedAction'?: (string);
  'healthSinceMs'?: (number | string | Long);
  'healthEpisodes'?: (_flotilla_v1_HealthEpisodeInput)[];
  'migProfile'?: (string);
  'gpuInstanceId'?: (number);
  'computeInstanceId'?: (number);
  'recoveryAction'?: (string);
  'attributes'?: ({[key: string]: string});
  'nvlinks'?: (_flotilla_v1_NvLinkInput)[];
  'vgpus'?: (_flotilla_v1_VgpuInput)[];
  '_index'?: "index";
  '_memoryTotalMib'?: "memoryTotalMib";
  '_migEnabled'?: "migEnabled";
  '_gpuInstanceId'?: "gpuInstanceId";
  '_computeInstanceId'?: "computeInstanceId";
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
  'healthEvidence': (string);
  'advisedAction': (string);
  'healthSinceMs': (number);
  'healthEpisodes': (_flotilla_v1_HealthEpisode)[];
  'migProfile': (string);
  'gpuInstanceId'?: (number);
  'computeInstanceId'?: (number);
  'recoveryAction': (string);
  'attributes': ({[key: string]: string});
  'nvlinks': (_flotilla_v1_NvLink)[];
  'vgpus': (_flotilla_v1_Vgpu)[];
  '_index'?: "index";
  '_memoryTotalMib'?: "memoryTotalMib";
  '_migEnabled'?: "migEnabled";
  '_gpuInstanceId'?: "gpuInstanceId";
  '_computeInstanceId'?: "computeInstanceId";
}
