// Original file: proto/flotilla/v1/agent.proto


export interface LeaveRequestInput {
}

export interface LeaveRequest {
}
