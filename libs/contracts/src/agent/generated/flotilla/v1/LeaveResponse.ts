// Original file: proto/flotilla/v1/agent.proto


export interface LeaveResponseInput {
}

export interface LeaveResponse {
}
