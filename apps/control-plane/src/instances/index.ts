export { GpuProcesses } from './gpu-processes.js';
export type { GpuProcess } from './gpu-processes.js';
export { DeviceRegistry } from './devices.registry.js';
export { reportDigest, reportInstance } from './instance-report.js';
export type { Reporter } from './instance-report.js';
export { InstanceRegistry } from './instances.registry.js';
export { RefusedByRegistry } from './inventory.js';
export type { AgentInventory, InventoryDevice } from './inventory.js';
export { InstancesModule } from './instances.module.js';
