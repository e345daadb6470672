// Original file: proto/flotilla/v1/agent.proto

import type { PreconditionInput as _flotilla_v1_PreconditionInput, Precondition as _flotilla_v1_Precondition } from '../../flotilla/v1/Precondition.js';
import type { Long } from '@grpc/proto-loader';

export interface OfferInput {
  'actionId'?: (string);
  'fence'?: (number | string | Long);
  'verb'?: (string);
  'instanceId'?: (string);
  'controlKind'?: (string);
  'argumentsJson'?: (string);
  'precondition'?: (_flotilla_v1_PreconditionInput | null);
  'expiresAtMs'?: (number | string | Long);
  'leaseS'?: (number);
  'reason'?: (string);
}

export interface Offer {
  'actionId': (string);
  'fence': (number);
  'verb': (string);
  'instanceId': (string);
  'controlKind': (string);
  'argumentsJson': (string);
  'precondition': (_flotilla_v1_Precondition | null);
  'expiresAtMs': (number);
  'leaseS': (number);
  'reason': (string);
}
