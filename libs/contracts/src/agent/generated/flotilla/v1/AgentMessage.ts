// Original file: proto/flotilla/v1/agent.proto

import type { HelloInput as _flotilla_v1_HelloInput, Hello as _flotilla_v1_Hello } from '../../flotilla/v1/Hello.js';
import type { BatchInput as _flotilla_v1_BatchInput, Batch as _flotilla_v1_Batch } from '../../flotilla/v1/Batch.js';
import type { LiveInput as _flotilla_v1_LiveInput, Live as _flotilla_v1_Live } from '../../flotilla/v1/Live.js';
import type { HeartbeatInput as _flotilla_v1_HeartbeatInput, Heartbeat as _flotilla_v1_Heartbeat } from '../../flotilla/v1/Heartbeat.js';
import type { InventoryInput as _flotilla_v1_InventoryInput, Inventory as _flotilla_v1_Inventory } from '../../flotilla/v1/Inventory.js';
import type { ActionAcceptedInput as _flotilla_v1_ActionAcceptedInput, ActionAccepted as _flotilla_v1_ActionAccepted } from '../../flotilla/v1/ActionAccepted.js';
import type { ActionResultInput as _flotilla_v1_ActionResultInput, ActionResult as _flotilla_v1_ActionResult } from '../../flotilla/v1/ActionResult.js';
import type { QueryAnswerInput as _flotilla_v1_QueryAnswerInput, QueryAnswer as _flotilla_v1_QueryAnswer } from '../../flotilla/v1/QueryAnswer.js';
import type { HealthClearedInput as _flotilla_v1_HealthClearedInput, HealthCleared as _flotilla_v1_HealthCleared } from '../../flotilla/v1/HealthCleared.js';
import type { Long } from '@grpc/proto-loader';

export interface AgentMessageInput {
  'epoch'?: (number | string | Long);
  'hello'?: (_flotilla_v1_HelloInput | null);
  'batch'?: (_flotilla_v1_BatchInput | null);
  'live'?: (_flotilla_v1_LiveInput | null);
  'heartbeat'?: (_flotilla_v1_HeartbeatInput | null);
  'inventory'?: (_flotilla_v1_InventoryInput | null);
  'actionAccepted'?: (_flotilla_v1_ActionAcceptedInput | null);
  'actionResult'?: (_flotilla_v1_ActionResultInput | null);
  'queryAnswer'?: (_flotilla_v1_QueryAnswerInput | null);
  'healthCleared'?: (_flotilla_v1_HealthClearedInput | null);
  'body'?: "hello"|"batch"|"live"|"heartbeat"|"inventory"|"actionAccepted"|"actionResult"|"queryAnswer"|"healthCleared";
}

export interface AgentMessage {
  'epoch': (number);
  'hello'?: (_flotilla_v1_Hello | null);
  'batch'?: (_flotilla_v1_Batch | null);
  'live'?: (_flotilla_v1_Live | null);
  'heartbeat'?: (_flotilla_v1_Heartbeat | null);
  'inventory'?: (_flotilla_v1_Inventory | null);
  'actionAccepted'?: (_flotilla_v1_ActionAccepted | null);
  'actionResult'?: (_flotilla_v1_ActionResult | null);
  'queryAnswer'?: (_flotilla_v1_QueryAnswer | null);
  'healthCleared'?: (_flotilla_v1_HealthCleared | null);
  'body'?: "hello"|"batch"|"live"|"heartbeat"|"inventory"|"actionAccepted"|"actionResult"|"queryAnswer"|"healthCleared";
}
