// Original file: proto/flotilla/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface HealthEpisodeInput {
  'kind'?: (string);
  'code'?: (number);
  'faultClass'?: (string);
  'count'?: (number | string | Long);
  'firstMs'?: (number | string | Long);
  'lastMs'?: (number | string | Long);
}

export interface HealthEpisode {
  'kind': (string);
  'code': (number);
  'faultClass': (string);
  'count': (number);
  'firstMs': (number);
  'lastMs': (number);
}
