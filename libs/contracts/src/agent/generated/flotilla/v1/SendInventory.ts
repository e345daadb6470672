// Original file: proto/flotilla/v1/agent.proto


export interface SendInventoryInput {
}

export interface SendInventory {
}
