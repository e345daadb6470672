// Original file: proto/flotilla/v1/agent.proto

import type { WelcomeInput as _flotilla_v1_WelcomeInput, Welcome as _flotilla_v1_Welcome } from '../../flotilla/v1/Welcome.js';
import type { AckInput as _flotilla_v1_AckInput, Ack as _flotilla_v1_Ack } from '../../flotilla/v1/Ack.js';
import type { WindowInput as _flotilla_v1_WindowInput, Window as _flotilla_v1_Window } from '../../flotilla/v1/Window.js';
import type { OfferInput as _flotilla_v1_OfferInput, Offer as _flotilla_v1_Offer } from '../../flotilla/v1/Offer.js';
import type { ResultAckInput as _flotilla_v1_ResultAckInput, ResultAck as _flotilla_v1_ResultAck } from '../../flotilla/v1/ResultAck.js';
import type { QueryInput as _flotilla_v1_QueryInput, Query as _flotilla_v1_Query } from '../../flotilla/v1/Query.js';
import type { SlowInput as _flotilla_v1_SlowInput, Slow as _flotilla_v1_Slow } from '../../flotilla/v1/Slow.js';
import type { DrainInput as _flotilla_v1_DrainInput, Drain as _flotilla_v1_Drain } from '../../flotilla/v1/Drain.js';
import type { ConfigInput as _flotilla_v1_ConfigInput, Config as _flotilla_v1_Config } from '../../flotilla/v1/Config.js';
import type { SendInventoryInput as _flotilla_v1_SendInventoryInput, SendInventory as _flotilla_v1_SendInventory } from '../../flotilla/v1/SendInventory.js';
import type { CancelOfferInput as _flotilla_v1_CancelOfferInput, CancelOffer as _flotilla_v1_CancelOffer } from '../../flotilla/v1/CancelOffer.js';
import type { ClearHealthInput as _flotilla_v1_ClearHealthInput, ClearHealth as _flotilla_v1_ClearHealth } from '../../flotilla/v1/ClearHealth.js';
import type { Long } from '@grpc/proto-loader';

export interface ControlMessageInput {
  'epoch'?: (number | string | Long);
  'welcome'?: (_flotilla_v1_WelcomeInput | null);
  'ack'?: (_flotilla_v1_AckInput | null);
  'window'?: (_flotilla_v1_WindowInput | null);
  'offer'?: (_flotilla_v1_OfferInput | null);
  'resultAck'?: (_flotilla_v1_ResultAckInput | null);
  'query'?: (_flotilla_v1_QueryInput | null);
  'slow'?: (_flotilla_v1_SlowInput | null);
  'drain'?: (_flotilla_v1_DrainInput | null);
  'config'?: (_flotilla_v1_ConfigInput | null);
  'sendInventory'?: (_flotilla_v1_SendInventoryInput | null);
  'cancelOffer'?: (_flotilla_v1_CancelOfferInput | null);
  'clearHealth'?: (_flotilla_v1_ClearHealthInput | null);
  'body'?: "welcome"|"ack"|"window"|"offer"|"resultAck"|"query"|"slow"|"drain"|"config"|"sendInventory"|"cancelOffer"|"clearHealth";
}

export interface ControlMessage {
  'epoch': (number);
  'welcome'?: (_flotilla_v1_Welcome | null);
  'ack'?: (_flotilla_v1_Ack | null);
  'window'?: (_flotilla_v1_Window | null);
  'offer'?: (_flotilla_v1_Offer | null);
  'resultAck'?: (_flotilla_v1_ResultAck | null);
  'query'?: (_flotilla_v1_Query | null);
  'slow'?: (_flotilla_v1_Slow | null);
  'drain'?: (_flotilla_v1_Drain | null);
  'config'?: (_flotilla_v1_Config | null);
  'sendInventory'?: (_flotilla_v1_SendInventory | null);
  'cancelOffer'?: (_flotilla_v1_CancelOffer | null);
  'clearHealth'?: (_flotilla_v1_ClearHealth | null);
  'body'?: "welcome"|"ack"|"window"|"offer"|"resultAck"|"query"|"slow"|"drain"|"config"|"sendInventory"|"cancelOffer"|"clearHealth";
}
