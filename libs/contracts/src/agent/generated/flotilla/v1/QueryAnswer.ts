// Original file: proto/flotilla/v1/agent.proto

import type { ActionResultInput as _flotilla_v1_ActionResultInput, ActionResult as _flotilla_v1_ActionResult } from '../../flotilla/v1/ActionResult.js';

export interface QueryAnswerInput {
  'actionId'?: (string);
  'state'?: (string);
  'result'?: (_flotilla_v1_ActionResultInput | null);
}

export interface QueryAnswer {
  'actionId': (string);
  'state': (string);
  'result': (_flotilla_v1_ActionResult | null);
}
