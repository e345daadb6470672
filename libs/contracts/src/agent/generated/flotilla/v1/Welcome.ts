// Original file: proto/flotilla/v1/agent.proto

import type { ConfigInput as _flotilla_v1_ConfigInput, Config as _flotilla_v1_Config } from '../../flotilla/v1/Config.js';
import type { Long } from '@grpc/proto-loader';

export interface WelcomeInput {
  'epoch'?: (number | string | Long);
  'ackedSeq'?: (number | string | Long);
  'heartbeatS'?: (number);
  'window'?: (number);
  'serverTimeMs'?: (number | string | Long);
  'config'?: (_flotilla_v1_ConfigInput | null);
  'protocol'?: (number);
  'inventoryHash'?: (string);
}

export interface Welcome {
  'epoch': (number);
  'ackedSeq': (number);
  'heartbeatS': (number);
  'window': (number);
  'serverTimeMs': (number);
  'config': (_flotilla_v1_Config | null);
  'protocol': (number);
  'inventoryHash': (string);
}
