import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { AckInput as _flotilla_v1_AckInput, Ack as _flotilla_v1_Ack } from './flotilla/v1/Ack.js';
import type { ActionAcceptedInput as _flotilla_v1_ActionAcceptedInput, ActionAccepted as _flotilla_v1_ActionAccepted } from './flotilla/v1/ActionAccepted.js';
import type { ActionResultInput as _flotilla_v1_ActionResultInput, ActionResult as _flotilla_v1_ActionResult } from './flotilla/v1/ActionResult.js';
import type { AgentEnrollmentClient as _flotilla_v1_AgentEnrollmentClient, AgentEnrollmentDefinition as _flotilla_v1_AgentEnrollmentDefinition } from './flotilla/v1/AgentEnrollment.js';
import type { AgentGatewayClient as _flotilla_v1_AgentGatewayClient, AgentGatewayDefinition as _flotilla_v1_AgentGatewayDefinition } from './flotilla/v1/AgentGateway.js';
import type { AgentMessageInput as _flotilla_v1_AgentMessageInput, AgentMessage as _flotilla_v1_AgentMessage } from './flotilla/v1/AgentMessage.js';
import type { BatchInput as _flotilla_v1_BatchInput, Batch as _flotilla_v1_Batch } from './flotilla/v1/Batch.js';
import type { CancelOfferInput as _flotilla_v1_CancelOfferInput, CancelOffer as _flotilla_v1_CancelOffer } from './flotilla/v1/CancelOffer.js';
import type { ClearHealthInput as _flotilla_v1_ClearHealthInput, ClearHealth as _flotilla_v1_ClearHealth } from './flotilla/v1/ClearHealth.js';
import type { CollectorStateInput as _flotilla_v1_CollectorStateInput, CollectorState as _flotilla_v1_CollectorState } from './flotilla/v1/CollectorState.js';
import type { ConfigInput as _flotilla_v1_ConfigInput, Config as _flotilla_v1_Config } from './flotilla/v1/Config.js';
import type { ControlInput as _flotilla_v1_ControlInput, Control as _flotilla_v1_Control } from './flotilla/v1/Control.js';
import type { ControlMessageInput as _flotilla_v1_ControlMessageInput, ControlMessage as _flotilla_v1_ControlMessage } from './flotilla/v1/ControlMessage.js';
import type { DeviceInput as _flotilla_v1_DeviceInput, Device as _flotilla_v1_Device } from './flotilla/v1/Device.js';
import type { DeviceMinuteInput as _flotilla_v1_DeviceMinuteInput, DeviceMinute as _flotilla_v1_DeviceMinute } from './flotilla/v1/DeviceMinute.js';
import type { DrainInput as _flotilla_v1_DrainInput, Drain as _flotilla_v1_Drain } from './flotilla/v1/Drain.js';
import type { DroppedInput as _flotilla_v1_DroppedInput, Dropped as _flotilla_v1_Dropped } from './flotilla/v1/Dropped.js';
import type { EnrollRequestInput as _flotilla_v1_EnrollRequestInput, EnrollRequest as _flotilla_v1_EnrollRequest } from './flotilla/v1/EnrollRequest.js';
import type { EnrollResponseInput as _flotilla_v1_EnrollResponseInput, EnrollResponse as _flotilla_v1_EnrollResponse } from './flotilla/v1/EnrollResponse.js';
import type { EntryInput as _flotilla_v1_EntryInput, Entry as _flotilla_v1_Entry } from './flotilla/v1/Entry.js';
import type { EventInput as _flotilla_v1_EventInput, Event as _flotilla_v1_Event } from './flotilla/v1/Event.js';
import type { GpuProcessInput as _flotilla_v1_GpuProcessInput, GpuProcess as _flotilla_v1_GpuProcess } from './flotilla/v1/GpuProcess.js';
import type { HealthClearedInput as _flotilla_v1_HealthClearedInput, HealthCleared as _flotilla_v1_HealthCleared } from './flotilla/v1/HealthCleared.js';
import type { HealthEpisodeInput as _flotilla_v1_HealthEpisodeInput, HealthEpisode as _flotilla_v1_HealthEpisode } from './flotilla/v1/HealthEpisode.js';
import type { HeartbeatInput as _flotilla_v1_HeartbeatInput, Heartbeat as _flotilla_v1_Heartbeat } from './flotilla/v1/Heartbeat.js';
import type { HelloInput as _flotilla_v1_HelloInput, Hello as _flotilla_v1_Hello } from './flotilla/v1/Hello.js';
import type { InventoryInput as _flotilla_v1_InventoryInput, Inventory as _flotilla_v1_Inventory } from './flotilla/v1/Inventory.js';
import type { KnownProcessInput as _flotilla_v1_KnownProcessInput, KnownProcess as _flotilla_v1_KnownProcess } from './flotilla/v1/KnownProcess.js';
import type { LeaveRequestInput as _flotilla_v1_LeaveRequestInput, LeaveRequest as _flotilla_v1_LeaveRequest } from './flotilla/v1/LeaveRequest.js';
import type { LeaveResponseInput as _flotilla_v1_LeaveResponseInput, LeaveResponse as _flotilla_v1_LeaveResponse } from './flotilla/v1/LeaveResponse.js';
import type { LiveInput as _flotilla_v1_LiveInput, Live as _flotilla_v1_Live } from './flotilla/v1/Live.js';
import type { LiveDeviceInput as _flotilla_v1_LiveDeviceInput, LiveDevice as _flotilla_v1_LiveDevice } from './flotilla/v1/LiveDevice.js';
import type { MachineFactsInput as _flotilla_v1_MachineFactsInput, MachineFacts as _flotilla_v1_MachineFacts } from './flotilla/v1/MachineFacts.js';
import type { NvLinkInput as _flotilla_v1_NvLinkInput, NvLink as _flotilla_v1_NvLink } from './flotilla/v1/NvLink.js';
import type { OfferInput as _flotilla_v1_OfferInput, Offer as _flotilla_v1_Offer } from './flotilla/v1/Offer.js';
import type { PreconditionInput as _flotilla_v1_PreconditionInput, Precondition as _flotilla_v1_Precondition } from './flotilla/v1/Precondition.js';
import type { QueryInput as _flotilla_v1_QueryInput, Query as _flotilla_v1_Query } from './flotilla/v1/Query.js';
import type { QueryAnswerInput as _flotilla_v1_QueryAnswerInput, QueryAnswer as _flotilla_v1_QueryAnswer } from './flotilla/v1/QueryAnswer.js';
import type { RecordInput as _flotilla_v1_RecordInput, Record as _flotilla_v1_Record } from './flotilla/v1/Record.js';
import type { RejectedEntryInput as _flotilla_v1_RejectedEntryInput, RejectedEntry as _flotilla_v1_RejectedEntry } from './flotilla/v1/RejectedEntry.js';
import type { RenewRequestInput as _flotilla_v1_RenewRequestInput, RenewRequest as _flotilla_v1_RenewRequest } from './flotilla/v1/RenewRequest.js';
import type { RenewResponseInput as _flotilla_v1_RenewResponseInput, RenewResponse as _flotilla_v1_RenewResponse } from './flotilla/v1/RenewResponse.js';
import type { ResultAckInput as _flotilla_v1_ResultAckInput, ResultAck as _flotilla_v1_ResultAck } from './flotilla/v1/ResultAck.js';
import type { SendInventoryInput as _flotilla_v1_SendInventoryInput, SendInventory as _flotilla_v1_SendInventory } from './flotilla/v1/SendInventory.js';
import type { SlowInput as _flotilla_v1_SlowInput, Slow as _flotilla_v1_Slow } from './flotilla/v1/Slow.js';
import type { SpoolInput as _flotilla_v1_SpoolInput, Spool as _flotilla_v1_Spool } from './flotilla/v1/Spool.js';
import type { VgpuInput as _flotilla_v1_VgpuInput, Vgpu as _flotilla_v1_Vgpu } from './flotilla/v1/Vgpu.js';
import type { WelcomeInput as _flotilla_v1_WelcomeInput, Welcome as _flotilla_v1_Welcome } from './flotilla/v1/Welcome.js';
import type { WindowInput as _flotilla_v1_WindowInput, Window as _flotilla_v1_Window } from './flotilla/v1/Window.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  flotilla: {
    v1: {
      Ack: MessageTypeDefinition<_flotilla_v1_AckInput, _flotilla_v1_Ack>
      ActionAccepted: MessageTypeDefinition<_flotilla_v1_ActionAcceptedInput, _flotilla_v1_ActionAccepted>
      ActionResult: MessageTypeDefinition<_flotilla_v1_ActionResultInput, _flotilla_v1_ActionResult>
      AgentEnrollment: SubtypeConstructor<typeof grpc.Client, _flotilla_v1_AgentEnrollmentClient> & { service: _flotilla_v1_AgentEnrollmentDefinition }
      AgentGateway: SubtypeConstructor<typeof grpc.Client, _flotilla_v1_AgentGatewayClient> & { service: _flotilla_v1_AgentGatewayDefinition }
      AgentMessage: MessageTypeDefinition<_flotilla_v1_AgentMessageInput, _flotilla_v1_AgentMessage>
      Batch: MessageTypeDefinition<_flotilla_v1_BatchInput, _flotilla_v1_Batch>
      CancelOffer: MessageTypeDefinition<_flotilla_v1_CancelOfferInput, _flotilla_v1_CancelOffer>
      ClearHealth: MessageTypeDefinition<_flotilla_v1_ClearHealthInput, _flotilla_v1_ClearHealth>
      CollectorState: MessageTypeDefinition<_flotilla_v1_CollectorStateInput, _flotilla_v1_CollectorState>
      Config: MessageTypeDefinition<_flotilla_v1_ConfigInput, _flotilla_v1_Config>
      Control: MessageTypeDefinition<_flotilla_v1_ControlInput, _flotilla_v1_Control>
      ControlMessage: MessageTypeDefinition<_flotilla_v1_ControlMessageInput, _flotilla_v1_ControlMessage>
      Device: MessageTypeDefinition<_flotilla_v1_DeviceInput, _flotilla_v1_Device>
      DeviceMinute: MessageTypeDefinition<_flotilla_v1_DeviceMinuteInput, _flotilla_v1_DeviceMinute>
      Drain: MessageTypeDefinition<_flotilla_v1_DrainInput, _flotilla_v1_Drain>
      Dropped: MessageTypeDefinition<_flotilla_v1_DroppedInput, _flotilla_v1_Dropped>
      EnrollRequest: MessageTypeDefinition<_flotilla_v1_EnrollRequestInput, _flotilla_v1_EnrollRequest>
      EnrollResponse: MessageTypeDefinition<_flotilla_v1_EnrollResponseInput, _flotilla_v1_EnrollResponse>
      Entry: MessageTypeDefinition<_flotilla_v1_EntryInput, _flotilla_v1_Entry>
      Event: MessageTypeDefinition<_flotilla_v1_EventInput, _flotilla_v1_Event>
      GpuProcess: MessageTypeDefinition<_flotilla_v1_GpuProcessInput, _flotilla_v1_GpuProcess>
      HealthCleared: MessageTypeDefinition<_flotilla_v1_HealthClearedInput, _flotilla_v1_HealthCleared>
      HealthEpisode: MessageTypeDefinition<_flotilla_v1_HealthEpisodeInput, _flotilla_v1_HealthEpisode>
      Heartbeat: MessageTypeDefinition<_flotilla_v1_HeartbeatInput, _flotilla_v1_Heartbeat>
      Hello: MessageTypeDefinition<_flotilla_v1_HelloInput, _flotilla_v1_Hello>
      Inventory: MessageTypeDefinition<_flotilla_v1_InventoryInput, _flotilla_v1_Inventory>
      KnownProcess: MessageTypeDefinition<_flotilla_v1_KnownProcessInput, _flotilla_v1_KnownProcess>
      LeaveRequest: MessageTypeDefinition<_flotilla_v1_LeaveRequestInput, _flotilla_v1_LeaveRequest>
      LeaveResponse: MessageTypeDefinition<_flotilla_v1_LeaveResponseInput, _flotilla_v1_LeaveResponse>
      Live: MessageTypeDefinition<_flotilla_v1_LiveInput, _flotilla_v1_Live>
      LiveDevice: MessageTypeDefinition<_flotilla_v1_LiveDeviceInput, _flotilla_v1_LiveDevice>
      MachineFacts: MessageTypeDefinition<_flotilla_v1_MachineFactsInput, _flotilla_v1_MachineFacts>
      NvLink: MessageTypeDefinition<_flotilla_v1_NvLinkInput, _flotilla_v1_NvLink>
      Offer: MessageTypeDefinition<_flotilla_v1_OfferInput, _flotilla_v1_Offer>
      Precondition: MessageTypeDefinition<_flotilla_v1_PreconditionInput, _flotilla_v1_Precondition>
      Query: MessageTypeDefinition<_flotilla_v1_QueryInput, _flotilla_v1_Query>
      QueryAnswer: MessageTypeDefinition<_flotilla_v1_QueryAnswerInput, _flotilla_v1_QueryAnswer>
      Record: MessageTypeDefinition<_flotilla_v1_RecordInput, _flotilla_v1_Record>
      RejectedEntry: MessageTypeDefinition<_flotilla_v1_RejectedEntryInput, _flotilla_v1_RejectedEntry>
      RenewRequest: MessageTypeDefinition<_flotilla_v1_RenewRequestInput, _flotilla_v1_RenewRequest>
      RenewResponse: MessageTypeDefinition<_flotilla_v1_RenewResponseInput, _flotilla_v1_RenewResponse>
      ResultAck: MessageTypeDefinition<_flotilla_v1_ResultAckInput, _flotilla_v1_ResultAck>
      SendInventory: MessageTypeDefinition<_flotilla_v1_SendInventoryInput, _flotilla_v1_SendInventory>
      Slow: MessageTypeDefinition<_flotilla_v1_SlowInput, _flotilla_v1_Slow>
      Spool: MessageTypeDefinition<_flotilla_v1_SpoolInput, _flotilla_v1_Spool>
      Vgpu: MessageTypeDefinition<_flotilla_v1_VgpuInput, _flotilla_v1_Vgpu>
      Welcome: MessageTypeDefinition<_flotilla_v1_WelcomeInput, _flotilla_v1_Welcome>
      Window: MessageTypeDefinition<_flotilla_v1_WindowInput, _flotilla_v1_Window>
    }
  }
}

