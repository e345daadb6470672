/** Redfish: the power of a machine, through its BMC. */
export { RedfishClient } from './redfish-client.js';
export type { ComputerSystem, PowerState, RedfishOptions, RedfishTask, ResetType } from './redfish-client.js';
export { RedfishError } from './redfish-error.js';
